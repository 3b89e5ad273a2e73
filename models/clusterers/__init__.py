"""Online clusterers from River behind one port, chosen by name."""
