"""What the service knows: bytes of records in RocksDB, columns and sets of profiles in memory."""
