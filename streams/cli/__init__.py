"""The command line: one module per command, each with an attribute `command`, imported only when it runs."""
