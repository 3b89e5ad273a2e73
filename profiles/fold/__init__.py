"""The fold: activities in, profiles and facts out."""
