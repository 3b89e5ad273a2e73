"""Several worker processes of one command: the supervisor, and what a supervised worker has of it."""
