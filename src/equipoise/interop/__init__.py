"""Doors to the formats of others; here a registry record becomes readings, findings, a draft."""
