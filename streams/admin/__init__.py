"""Administration: create and check topics, list rights, publish rules, erase shoppers, fetch the model."""
