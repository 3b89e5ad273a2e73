"""The fault harness: real brokers and workers, killed, paused and cut off, and an oracle that counts what went wrong."""
