"""The fault harness: real brokers and workers, killed, paused, cut off, and an oracle that counts what broke."""
