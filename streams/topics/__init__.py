"""The topics of one application: what they are called and like, and their creation."""

from streams.topics.names import MAX_BATCH_BYTES, Topic, Topics

__all__ = ["MAX_BATCH_BYTES", "Topic", "Topics"]
