"""What is known of items: how they look now, what goes with them, and what to recommend."""
