"""The runtime: one Faust app that gives record batches to stages, keeps acks in order, and stops at any error."""
