"""The faults, by theme: each is a coroutine that does its harm to a shop and then has the oracle look."""
