"""What is kept: the ledger, the tables that it replays to, and the one gate that writes both."""
