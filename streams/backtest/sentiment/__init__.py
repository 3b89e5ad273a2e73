"""Reviews with stars through the engine: do the words tell praise from blame before the stars are seen?"""
