"""The contract: topics, input and output records, refusals and their schemas."""
