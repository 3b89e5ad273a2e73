"""The query service: follows the outputs into a store of its own, and answers over HTTP."""
