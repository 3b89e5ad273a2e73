"""The stream in one process, without Kafka: the very stages, on topics in memory."""
