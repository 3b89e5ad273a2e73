"""Interests: decayed topics, brands and vectors, and the interest slots."""
