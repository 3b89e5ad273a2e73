"""The stages ingest, profile, learn and items, and the wiring that creates them from settings."""
