"""The stream without Kafka: recorded or simulated shops through the same code, and how well it judges them."""
