"""Embedding models and online learners: they see numbers and text only, and know no users, topics, clocks or HTTP."""
