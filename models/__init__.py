"""How we learn: numbers and text only; no users, topics, clocks or HTTP."""
