"""Predictions: probabilities to buy or to churn, by adopted models, and their training examples."""
