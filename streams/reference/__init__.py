"""The reference page: every name that a record may hold, with its meaning, out of the registries that the code uses."""
