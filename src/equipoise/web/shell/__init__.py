"""What all pages share: the frame, access, refusals, sessions and the look."""
