"""The items stage: what is known of items, kept up by an agent that is partitioned by item."""
