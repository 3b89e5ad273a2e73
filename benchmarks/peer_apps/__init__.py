"""The same engine under other stream processors, each as its own documentation writes a stateful application."""
