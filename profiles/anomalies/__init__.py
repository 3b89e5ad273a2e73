"""Anomalies: voters, one a module, that give scores; evidence, which makes them comparable; and the decision apart."""
