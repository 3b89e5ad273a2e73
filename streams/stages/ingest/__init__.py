"""Ingest: validate, scrub, pseudonymise and embed what shops send, and write it down as activities."""
