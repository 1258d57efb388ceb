"""The tree that house tests read: its Python files as text and syntax, and its places."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "equipoise"
WET = frozenset({"store", "web", "cli"})  # rooms that may know clock, chance, network and identity
DATA = frozenset({"protocols"})  # trial texts that ship with the program: no code
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One Python file: `place` is its path from the root of the tree, with slashes."""

    place: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room of a file of the program; empty for a test or a benchmark."""
        parts = self.place.split("/")
        return parts[2] if self.place.startswith("src/equipoise/") and len(parts) > 3 else ""

    @property
    def stem(self) -> str:
        """The name of the file without its ending."""
        return self.place.rsplit("/", 1)[-1].removesuffix(".py")


def source_of(text: str, *, place: str = "src/equipoise/derive/recist.py") -> Source:
    """A file that exists only in a test."""
    return Source(place=place, text=text, tree=ast.parse(text))


def ignored_folders(root: Path) -> frozenset[str]:
    """Names of folders that git ignores, read from .gitignore, and git's own."""
    lines = (root / ".gitignore").read_text(encoding="utf-8").split()
    return frozenset(line.strip("/") for line in lines if line.endswith("/")) | {".git"}


def is_ignored(name: str, *, ignored: frozenset[str]) -> bool:
    """True for a folder that is no part of the project."""
    return name in ignored or any(p[0] == "*" and name.endswith(p[1:]) for p in ignored if p)


def files_of(root: Path) -> Iterator[Path]:
    """Every file of the project in sorted order, without the folders that git ignores."""
    ignored = ignored_folders(root)
    for entry in sorted(root.iterdir()):
        if entry.is_dir() and not is_ignored(entry.name, ignored=ignored):
            yield from _walk(entry, ignored=ignored)
        elif entry.is_file():
            yield entry


def _walk(folder: Path, *, ignored: frozenset[str]) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_file():
            yield entry
        elif entry.is_dir() and not is_ignored(entry.name, ignored=ignored):
            yield from _walk(entry, ignored=ignored)


def python_files(root: Path, *folders: str) -> list[Source]:
    """The parsed Python files under the named folders, in sorted order."""
    paths = [path for name in folders for path in sorted((root / name).rglob("*.py"))]
    return [
        _read_source(root, path, path.stat().st_mtime_ns)
        for path in paths
        if "__pycache__" not in path.parts
    ]


@cache  # the same tree is read by many tests; a file written anew has another time
def _read_source(root: Path, path: Path, _written_ns: int) -> Source:
    return source_of(path.read_text(encoding="utf-8"), place=path.relative_to(root).as_posix())


def rooms_of(package: Path) -> list[Path]:
    """The folders directly under the package that hold code."""
    return [
        folder
        for folder in sorted(package.iterdir())
        if folder.is_dir() and folder.name not in DATA | {"__pycache__"}
    ]


def functions_of(source: Source) -> list[Function]:
    """Every function of a file, methods and nested ones included."""
    return [node for node in ast.walk(source.tree) if isinstance(node, Function)]


def dotted(node: ast.AST) -> str:
    """`np.random.normal` for that expression; empty where it is no chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def decorators_of(node: Function | ast.ClassDef) -> list[str]:
    """The dotted names of the decorators, called or not."""
    return [
        dotted(item.func if isinstance(item, ast.Call) else item) for item in node.decorator_list
    ]


def is_compiled(function: Function) -> bool:
    """True for a function that numba compiles."""
    return any(d.split(".")[-1] in {"njit", "vectorize"} for d in decorators_of(function))


def is_command(function: Function) -> bool:
    """True for a click command or group: its options arrive as arguments."""
    return any(d.split(".")[-1] in {"command", "group"} for d in decorators_of(function))


def breach(source: Source, node: ast.AST, what: str) -> str:
    """One line that leads to the place: `src/.../recist.py:12 what`."""
    return f"{source.place}:{getattr(node, 'lineno', 1)} {what}"
