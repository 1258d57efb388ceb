"""Deviations from the protocol: listed by site and subject, recorded by hand, classified."""
