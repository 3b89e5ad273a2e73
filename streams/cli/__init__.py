"""The command line: one module for each command, each exposing `command`, imported only when it is run."""
