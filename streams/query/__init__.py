"""Queries: read profiles, changes and explanations from the topics."""
