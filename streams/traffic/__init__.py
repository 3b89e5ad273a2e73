"""A simulated shop: its catalogue, its shoppers, the trouble planted among them, and the road into Kafka."""
