"""The embedded broker with encryption, authentication and deny-by-default: certificates, users, listeners, tokens."""
