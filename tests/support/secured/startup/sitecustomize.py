"""Runs first in each process that a test of the secured suite starts: its folder is on PYTHONPATH there."""

import os

if os.environ.get("TESTS_SECURED_BROKERS"):
    from support.secured.lead import lead

    lead()
