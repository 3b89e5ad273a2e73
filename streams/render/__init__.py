"""Rendering of records and profiles as text for a terminal."""
