"""The contract with other systems: topics, input and output records, refusals, and their schemas."""
