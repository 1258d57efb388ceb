"""What the long runs in a browser need: a trial that is open, a browser in front of it."""

from browser.conftest import desk

__all__ = ["desk"]
