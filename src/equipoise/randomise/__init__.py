"""Schemes that allocate subjects to arms: pure functions of a state and a uniform number."""
