"""Predictions: probabilities of purchase and of churn, by adopted models, and their training examples."""
