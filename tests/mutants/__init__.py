"""Mutation testing: lines of the rooms that must not break are broken one by one, and the nearest tests must notice."""
