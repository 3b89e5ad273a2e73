"""Upgrade tests: fixed logs and files that earlier versions wrote, and what the present program makes of them."""
