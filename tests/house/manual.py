"""Breaches of the manual: pages nobody links, links that lead nowhere, dates on decisions."""

import re
from collections.abc import Iterator
from pathlib import Path

from house.source import files_of

LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
DATE = re.compile(r"^20\d\d-[01]\d-[0-3]\d\b", re.M)
DECISION_LINES = 30


def links_of(page: Path) -> list[str]:
    """The files that a page links to, as written; web addresses and code are left out."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    return [link for link in LINK.findall(text) if "://" not in link and "mailto:" not in link]


def broken_links(root: Path) -> Iterator[str]:
    """Links of the Markdown pages of a tree that lead to no file."""
    for page in files_of(root):
        if page.suffix == ".md":
            for link in links_of(page):
                if not (page.parent / link).exists():
                    yield f"{page.relative_to(root).as_posix()} links to {link}, which is not there"


def unlinked_pages(docs: Path) -> list[str]:
    """Pages of the manual that its first page, README.md, does not link."""
    first = docs / "README.md"
    linked = {(docs / link).resolve() for link in links_of(first)}
    return [
        f"{page.relative_to(docs).as_posix()} is not linked from README.md"
        for page in sorted(docs.rglob("*.md"))
        if page != first and page.resolve() not in linked
    ]


def loose_decisions(folder: Path) -> list[str]:
    """Decisions without a number, a title, a date, or short enough to be read."""
    found = []
    for page in sorted(folder.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", page.name):
            found.append(f"{page.name} has no number")
        if not text.startswith("# ") or not DATE.search(text):
            found.append(f"{page.name} has no title or no date")
        if text.count("\n") > DECISION_LINES:
            found.append(f"{page.name} has {text.count(chr(10))} lines")
    return found


def untested_command(makefile: str, *, readme: str, ci: str) -> list[str]:
    """What CI has to run: `make check` and the test command that README.md gives."""
    command = "make test"
    places = {"README.md": readme, ".ci/run": ci}
    found = [f"{place} lacks `{command}`" for place, text in places.items() if command not in text]
    if "make check" not in ci:
        found.append(".ci/run lacks `make check`")
    if not re.search(r"^test:", makefile, flags=re.M):
        found.append("Makefile has no target test")
    return found
