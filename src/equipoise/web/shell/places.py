"""Addresses of subjects and entries, as pages link to them."""

from django.urls import NoReverseMatch, reverse

from equipoise.store.entry_place import EntryPlace


def entry_address(place: EntryPlace) -> str:
    """The page of an entry."""
    key = {"key": ".".join(place.key)} if place.key else {}
    return find_address("entry", subject=place.subject, form=place.form, **key)


def find_address(name: str, **place: str) -> str:
    """The page of that name; empty where there is none."""
    try:
        return reverse(name, kwargs=place)
    except NoReverseMatch:
        return ""
