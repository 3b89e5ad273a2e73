"""Rendering: records and profiles as text on a terminal."""
