"""Rehearsed trials: a whole trial as entries, drawn from the protocol's scenarios."""
