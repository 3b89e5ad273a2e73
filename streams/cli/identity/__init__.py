"""The command `identity`: rules of who is who, and what they would make of real logs."""
