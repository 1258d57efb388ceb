"""Entries: what people write down, checked against the forms of the protocol."""
