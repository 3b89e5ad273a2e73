"""The learn stage: examples in, model versions out, adoptions into the log."""
