"""Shoppers of known categories through the engine: do the stream's clusters find what they have in common?"""
