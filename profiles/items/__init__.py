"""Items: their latest attributes, the items that occur with them, and recommendations."""
