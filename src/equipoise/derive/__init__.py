"""Endpoints from entries: no arm, no clock, every row with the entries that made it."""
