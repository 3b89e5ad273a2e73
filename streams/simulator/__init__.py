"""The simulated shop: catalogue, shoppers, visits and injected anomalies, from a seed."""
