"""The rights on Kafka that each role needs, as access control lists (ACLs) in several formats."""
