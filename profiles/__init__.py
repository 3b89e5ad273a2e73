"""What we know: the pure core; activities in, profiles and facts out."""
