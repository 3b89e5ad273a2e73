"""Small inputs of real shops with what is expected of them, run through validation and the engine in memory."""
