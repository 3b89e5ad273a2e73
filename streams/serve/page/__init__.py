"""The page: files for a browser, and the door through which they and its sign-in go."""
