"""The simulated shop: catalogue, shoppers, visits and injected anomalies, generated from a seed."""
