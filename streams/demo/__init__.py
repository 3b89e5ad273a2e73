"""The demo: the whole system on one machine, and what it does as a live view or as lines of progress."""
