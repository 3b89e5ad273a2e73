"""Profiles: the pure core of the project. Activities go in; profile rows and change records come out."""
