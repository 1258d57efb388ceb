"""Log-in, second factor, passwords, profile and the access log."""
