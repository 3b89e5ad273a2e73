"""Ingest: validates, scrubs, pseudonymises and embeds input records, and writes them as activities."""
