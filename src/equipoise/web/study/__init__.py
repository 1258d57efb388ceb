"""Sites, accounts with their roles, and versions of the protocol."""
