"""Labelled card transactions through the engine: is what the voters call unusual what was fraud?"""
