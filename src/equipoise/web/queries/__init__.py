"""Queries, source verification, signatures, freezing and locking."""
