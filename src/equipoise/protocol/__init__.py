"""What the trial is: one frozen value, read from text."""
