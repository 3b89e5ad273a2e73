"""The batch transport: Faust delivers whole record batches of a partition, and commits only acked ones."""
