"""Eligibility signed, randomised, a stratum corrected, the balance."""
