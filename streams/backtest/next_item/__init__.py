"""What a shopper gets next, out of all items: a next-item table replayed in order, each row predicted before it is learnt."""
