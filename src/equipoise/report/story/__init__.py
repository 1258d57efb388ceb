"""The story of one subject: what was seen, what was derived, and which rule decided."""
