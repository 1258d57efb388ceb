"""The page of a grid: what a plan is worth, by scenario and parameter."""
