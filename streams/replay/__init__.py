"""Real data into the input topics: one reader for each file format, and the clock that sends what they read."""
