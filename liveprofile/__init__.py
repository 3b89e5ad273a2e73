"""Liveprofile: one living profile per shopper, kept from streams of clicks, searches and purchases."""
