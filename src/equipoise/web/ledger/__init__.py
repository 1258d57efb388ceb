"""The ledger: browsed, exported, verified."""
