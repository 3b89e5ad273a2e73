"""The items stage: the state of items, partitioned by item."""
