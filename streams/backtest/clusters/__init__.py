"""Clusters: do the stream's clusters agree with known categories of shoppers?"""
