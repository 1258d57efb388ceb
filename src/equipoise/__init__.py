"""Equipoise runs a randomised clinical trial end to end from one protocol text."""
