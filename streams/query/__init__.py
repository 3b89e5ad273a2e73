"""Queries: profiles, changes and explanations, read from the topics."""
