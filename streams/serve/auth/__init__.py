"""Who may read what: tokens, scopes, limits, and the audit of reads."""
