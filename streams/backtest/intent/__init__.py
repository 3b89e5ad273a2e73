"""Intent: does a session end in a purchase? For any stream of clicks."""
