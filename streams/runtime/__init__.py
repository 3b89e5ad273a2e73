"""The runtime: one Faust app that gives stages whole runs of records, keeps acks in order, and stops at any error."""
