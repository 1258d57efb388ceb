"""Breaches of the plan of the house: rooms, their cards, depth, and what a file may not name."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from house.source import DATA, Source, files_of, rooms_of

CARD_LINES = 20
DEPTH = 2
# Written in pieces, so that this file does not name them itself.
LEAKS = {
    "a package registry": re.compile(
        r"pypi\." + r"org|python" + r"hosted|artif" + r"actory|://[^\s\"']*/sim" + r"ple\b", re.I
    ),
    "an option that names a registry": re.compile(
        r"--(extra-)?index" + r"-url|--find" + r"-links|--trusted" + r"-host|PIP_" + r"INDEX"
    ),
    "a path of one machine": re.compile(
        r"(?<![\w.])/(ro" + r"ot|wo" + r"rk|ho" + r"me|Use" + r"rs)/\w"
    ),
}


def placed_rooms(pyproject: str) -> frozenset[str]:
    """The rooms that the floors of import-linter name."""
    contracts = tomllib.loads(pyproject)["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    return frozenset(re.findall(r"\w+", " ".join(layers)))


def unplaced_rooms(package: Path, *, placed: frozenset[str]) -> list[str]:
    """Folders of the package that no floor names, packages without code included."""
    rooms = [room.name for room in rooms_of(package)]
    return [f"{room} stands on no floor" for room in rooms if room not in placed]


def doorless_rooms(package: Path) -> list[str]:
    """Folders with code that import-linter cannot see, as they have no __init__.py."""
    folders = {path.parent for path in package.rglob("*.py") if "__pycache__" not in path.parts}
    return [
        f"{folder.relative_to(package).as_posix()} has no __init__.py"
        for folder in sorted(folders)
        if not (folder / "__init__.py").is_file()
    ]


def code_among_texts(package: Path) -> list[str]:
    """Python files in a folder that holds only trial texts."""
    return [
        f"{path.relative_to(package).as_posix()} is code among trial texts"
        for name in sorted(DATA)
        for path in sorted((package / name).rglob("*.py"))
    ]


def cardless_rooms(package: Path) -> list[str]:
    """Rooms without a README.md of at most twenty lines."""
    found = []
    for room in rooms_of(package):
        card = room / "README.md"
        lines = card.read_text(encoding="utf-8").count("\n") if card.is_file() else 0
        if not 0 < lines <= CARD_LINES:
            found.append(f"{room.name}/README.md has {lines} lines")
    return found


def deep_folders(package: Path) -> list[str]:
    """Code more than two folders below the package."""
    return [
        f"{path.relative_to(package).as_posix()} lies too deep"
        for path in sorted(package.rglob("*.py"))
        if len(path.relative_to(package).parts) - 1 > DEPTH
    ]


def leaks_in(text: str) -> list[str]:
    """Names of registries and of places on one machine, each with its line number."""
    return [
        f"{number} names {what}: {match.group()}"
        for number, line in enumerate(text.splitlines(), start=1)
        for what, pattern in LEAKS.items()
        if (match := pattern.search(line))
    ]


def leaks(root: Path) -> Iterator[str]:
    """The leaks of every text file of the project."""
    for path in files_of(root):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        place = path.relative_to(root).as_posix()
        yield from (f"{place}:{leak}" for leak in leaks_in(text))


def written_lines(sources: Iterable[Source], *, folder: str) -> int:
    """Lines that are not blank in the Python files of a folder, without what Django writes."""
    made = "/migrations/0001_tables.py"
    texts = (
        s.text for s in sources if s.place.startswith(f"{folder}/") and not s.place.endswith(made)
    )
    return sum(bool(line.strip()) for text in texts for line in text.splitlines())


def make_targets(makefile: str) -> list[str]:
    """The targets that a person may type."""
    return re.findall(r"^([a-z]+):(?!=)", makefile, flags=re.M)
