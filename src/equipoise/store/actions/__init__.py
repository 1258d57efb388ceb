"""Deeds, one verb a file: each asks the gate, and nothing else writes the tables of a trial."""
