"""The tables of the report, one topic a file."""
