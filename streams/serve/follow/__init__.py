"""Follows the topics without a consumer group, and applies their records to the store."""
