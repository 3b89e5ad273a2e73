"""The learn stage: it reads examples, publishes model versions, and appends adoptions to the log."""
