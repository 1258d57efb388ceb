"""What everybody may know of a demonstration, and no real trial may have."""

DEMO_PASSWORD = "a trial without patients"  # noqa: S105 - printed, and only for demo data
DEMO_KEY = "the key of a trial without patients"
