"""Addresses of entries, as pages link to them."""

from django.urls import reverse


def entry_address(subject: str, form: str, key: str = "") -> str:
    """The page of an entry, or of a new one."""
    place = {"subject": subject, "form": form} | ({"key": key} if key else {})
    return reverse("entry", kwargs=place)
