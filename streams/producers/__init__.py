"""Producers: send recorded or simulated events into the input topics."""
