"""Fraud: do high scores of the anomaly detectors mean fraud in labelled card transactions?"""
