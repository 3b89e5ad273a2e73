"""Traits: how a person shops, inferred from their actions, and the attributes that they state."""
