"""Records: the bytes and structs that enter the fold or leave it."""
