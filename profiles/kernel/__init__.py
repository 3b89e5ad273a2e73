"""Kernel: what every detector is given: policy, decay, context, rate limit, detection buffers."""
