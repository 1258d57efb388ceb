"""The page of a plan: from a protocol's assumptions to size, power, looks and course."""
