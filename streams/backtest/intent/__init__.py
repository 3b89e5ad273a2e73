"""Whether a session ends in a purchase: the question over any stream of clicks."""
