"""The demo: the whole system on one machine, as a live view or as lines of progress."""
