"""The batch transport: Faust delivers whole fetched runs of a partition, and commits only what was acked."""
