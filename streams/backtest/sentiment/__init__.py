"""Sentiment: do the words of a review predict praise or blame before its stars are seen?"""
