"""Estimates and comparisons of endpoints between arms."""
