"""The command `segments`: rules of lifecycle and segments, and who is in them."""
