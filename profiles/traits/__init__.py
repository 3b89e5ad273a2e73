"""Traits: how somebody shops, inferred from what they do, and what they say of themself."""
