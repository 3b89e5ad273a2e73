"""The stages: ingest, profile, learn and items, and the wiring that makes them from settings."""
