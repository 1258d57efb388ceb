"""Lesions and their responses, SBRT, adverse events, and the time line of a subject."""
