"""Events of a shop's own against the contract, without Kafka: what would be taken, and what would become of it."""
