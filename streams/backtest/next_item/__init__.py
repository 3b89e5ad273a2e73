"""The next item among all items: a table is replayed in order, and each row is predicted before it is learnt."""
