"""Words: identities, dates, units, findings, kinds of missing, CTCAE."""
