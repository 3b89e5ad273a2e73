"""Detectors of personal data in texts, each for one kind; `streams.contract.scrub` runs them one after the other."""
