"""Breaches of size, names and the shape of functions and values."""

import ast
from collections.abc import Iterable

from house.source import (
    WET,
    Function,
    Source,
    breach,
    decorators_of,
    dotted,
    functions_of,
    is_command,
    is_compiled,
)

FILE_LINES = 400
BODY_LINES = 40
KERNEL_LINES = 80
ARGUMENTS = 6
DRAWERS = frozenset("util utils helper helpers common misc base mixin mixins constants".split())
FROZEN = frozenset({"frozen", "slots", "kw_only"})
# What a class of ours may inherit from: closed sets, refusals, interfaces, and pydantic's models.
PARENTS = frozenset("Enum StrEnum IntEnum Protocol Generic BaseModel NamedTuple TypedDict".split())


def long_files(source: Source) -> list[str]:
    """A file of more than 400 lines; Django writes the tables of a migration in one."""
    if source.place.endswith("/migrations/0001_tables.py"):
        return []
    lines = source.text.count("\n")
    return [f"{source.place}:1 has {lines} lines"] if lines > FILE_LINES else []


def body_lines(function: Function) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def long_bodies(source: Source) -> list[str]:
    """Functions of more than 40 lines; 80 for what numba compiles."""
    return [
        breach(source, node, f"{node.name} has a body of {body_lines(node)} lines")
        for node in functions_of(source)
        if body_lines(node) > (KERNEL_LINES if is_compiled(node) else BODY_LINES)
    ]


def arguments_of(function: Function) -> list[str]:
    """Names of the arguments, without self and cls."""
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return [name for name in names if name not in {"self", "cls"}]


def many_arguments(source: Source) -> list[str]:
    """Functions of more than six arguments, kernels, their twins and commands excepted."""
    if source.place.startswith("tests/naive/"):
        return []
    return [
        breach(source, node, f"{node.name} takes {len(arguments_of(node))} arguments")
        for node in functions_of(source)
        if len(arguments_of(node)) > ARGUMENTS and not is_compiled(node) and not is_command(node)
    ]


def drawers(places: Iterable[str]) -> list[str]:
    """Files and folders with a name that says nothing about what is inside."""
    return [
        f"{place}:1 is a drawer"
        for place in places
        if any(part.removesuffix(".py") in DRAWERS for part in place.split("/"))
    ]


def loose_arguments(source: Source) -> list[str]:
    """Public functions below web whose second argument may be given by position.

    The natural path is drawn with two values by position: (entries, protocol), (frames, protocol);
    and a scheme is called as (state, subject, uniform).
    """
    if source.room in {"web", "cli"} or not source.place.startswith("src/equipoise/"):
        return []
    if source.place.startswith("src/equipoise/randomise/schemes/"):
        return []
    return [
        breach(source, node, f"{node.name} takes its second argument by position")
        for node in _public_functions(source)
        if len(_positional(node)) > 1 and _positional(node)[1:] != ["protocol"]
    ]


def _public_functions(source: Source) -> list[Function]:
    classes = [node for node in source.tree.body if isinstance(node, ast.ClassDef)]
    bodies = [source.tree.body, *(c.body for c in classes if not c.name.startswith("_"))]
    return [
        node
        for body in bodies
        for node in body
        if isinstance(node, Function)
        and not node.name.startswith("_")
        and not is_compiled(node)
        and not any("validator" in d or "serializer" in d for d in decorators_of(node))
    ]


def _positional(function: Function) -> list[str]:
    names = [a.arg for a in (*function.args.posonlyargs, *function.args.args)]
    return [name for name in names if name not in {"self", "cls"}]


def thawed_dataclasses(source: Source) -> list[str]:
    """Dataclasses that are not frozen, slotted and keyword-only."""
    return [
        breach(source, node, f"{node.name} is not frozen, slots and kw_only")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        for item in node.decorator_list
        if dotted(item.func if isinstance(item, ast.Call) else item).endswith("dataclass")
        and not _true_words(item) >= FROZEN
    ]


def _true_words(item: ast.expr) -> set[str]:
    if not isinstance(item, ast.Call):
        return set()
    return {
        word.arg or ""
        for word in item.keywords
        if isinstance(word.value, ast.Constant) and word.value.value is True
    }


def heirs(sources: Iterable[Source]) -> list[str]:
    """Classes of the pure rooms that inherit from something else than the rules allow."""
    pure = [s for s in sources if s.room not in WET and s.place.startswith("src/")]
    classes = [(s, node, _parents(s, node)) for s in pure for node in _classes(s)]
    family = {node.name: parents for _, node, parents in classes}
    allowed = PARENTS | _with_children(family)
    return [
        breach(source, node, f"{node.name} inherits from {parent}")
        for source, node, parents in classes
        for parent in parents
        if parent not in allowed or (parent == "BaseModel" and source.room != "protocol")
    ]


def _classes(source: Source) -> list[ast.ClassDef]:
    return [node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)]


def _parents(source: Source, node: ast.ClassDef) -> list[str]:
    """The names of the parents, as they are called where they come from."""
    bases = [b.value if isinstance(b, ast.Subscript) else b for b in node.bases]
    names = [dotted(base).split(".")[-1] for base in bases]
    imports = [n for n in ast.walk(source.tree) if isinstance(n, ast.ImportFrom)]
    born = {a.asname: a.name for each in imports for a in each.names if a.asname}
    return [born.get(name, name) for name in names]


def _with_children(family: dict[str, list[str]]) -> set[str]:
    """Errors and pydantic's model, with everything of ours that descends from them."""
    known = {"Exception", "ValueError", "LookupError", "KeyError", "TypeError", "RuntimeError"}
    known.add("BaseModel")
    while born := {name for name, above in family.items() if known & set(above)} - known:
        known |= born
    return known
