"""How the trial runs: accrual, queries, forms, events pooled over arms, timeliness."""
