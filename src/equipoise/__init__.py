"""Equipoise runs a randomised clinical trial end to end from one protocol text."""

__version__ = "0.1.0"
