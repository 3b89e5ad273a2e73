"""Producers: they send recorded or simulated events to the input topics."""
