"""Kernel: the inputs of every detector: policy, decay, context, rate limit and detection buffers."""
