"""Where links lead: the page of a subject, and the entries and rows on it."""

import hashlib
import re
from collections.abc import Iterable
from urllib.parse import quote

from equipoise.report.shell import Link

_PLAIN_IN_NAME = re.compile(r"[^A-Za-z0-9_-]")
_PLAIN_IN_ANCHOR = re.compile(r"[^A-Za-z0-9_./-]")
_LONGEST_NAME = 80


def page_name(subject: str) -> str:
    """The file of a subject's page; every letter that could mislead is written by its number.

    Different subjects have different files, whatever their ids.
    """
    name = _PLAIN_IN_NAME.sub(_by_number, subject)
    if len(name) > _LONGEST_NAME:
        name = f"{name[:40]}~{hashlib.sha256(subject.encode()).hexdigest()[:20]}"
    return f"{name or '~'}.html"


def anchor_of(name: str) -> str:
    """The anchor of an entry or a row: its id, other letters by their number."""
    return _PLAIN_IN_ANCHOR.sub(_by_number, name)


def link_entries(entries: Iterable[str], *, page: str = "") -> tuple[Link, ...]:
    """A link to each entry, on this page or on the page of a subject.

    On a subject's own page the id goes without the subject that every entry of it begins with.
    """
    return tuple(
        Link(
            words=name if page else name.partition("/")[2] or name,
            href=f"{page}#{anchor_of(name)}",
        )
        for name in entries
    )


def page_href(folder: str, *, subject: str) -> str:
    """The place of a subject's page from the report beside the folder of pages."""
    return f"{quote(folder)}/{page_name(subject)}"


def _by_number(found: re.Match[str]) -> str:
    return f"~{ord(found.group()):x}~"
