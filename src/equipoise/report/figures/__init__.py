"""Figures as SVG text: curves, forest, participant flow."""
