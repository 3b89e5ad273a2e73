"""Kafka security: its settings, the files that they name, TLS, access tokens, and what may travel in clear text."""
