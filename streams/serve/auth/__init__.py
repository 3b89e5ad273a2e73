"""Who may read what: tokens, scopes, limits."""
