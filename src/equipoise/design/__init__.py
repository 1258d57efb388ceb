"""Plans: sizes, bounds, the expected course of a trial, and forecasts."""
