"""Checks of what commonly goes wrong, each with what was looked at, what was found, and the next step as a command."""
