"""Metrics: a catalogue of all of them, the counts behind them, and what a scrape and the documentation make of it."""
