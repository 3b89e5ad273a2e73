"""Learners: what the learn stage keeps up with every example, each behind one port."""
