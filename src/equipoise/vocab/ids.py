"""Identities that could be mixed up, each with a type of its own."""

from typing import NewType

SubjectId = NewType("SubjectId", str)
EntryId = NewType("EntryId", str)
FormName = NewType("FormName", str)
ItemName = NewType("ItemName", str)


def build_entry_id(*, subject: str, form: str, key: tuple[str, ...]) -> EntryId:
    """The identity of one form entry: `subject/form` or `subject/form/key.key`."""
    return EntryId("/".join([subject, form, *([".".join(key)] if key else [])]))
