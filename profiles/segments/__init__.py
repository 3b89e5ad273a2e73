"""Segments: rules as data, judged by compiled code whenever a profile or its time moves on."""
