"""The stream in one process, without Kafka: the same stages on topics in memory."""
