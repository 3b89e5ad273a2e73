"""The next item, out of all items: a table replayed in order, each row predicted before it is learnt."""
