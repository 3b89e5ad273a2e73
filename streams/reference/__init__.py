"""The reference page: every name in records with its meaning, generated from the registries in the code."""
