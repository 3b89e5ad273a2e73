"""Administration: create and check topics, publish rules, erase shoppers, fetch the model."""
