"""Rules of segments and lifecycle, seen from outside: tried on what the state topic holds, and published."""
