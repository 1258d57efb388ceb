"""What differs between two versions of a protocol, in words that a coordinator reads."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from equipoise.protocol.model import Protocol

_IDENTITY = ("id", "code", "name", "form", "value")  # what tells the parts of a list apart
_SAYING = ("label", "title", "text", "message", "words")  # what a part says of itself
_PARTS = {
    "form": "form",
    "item": "item",
    "check": "edit check",
    "aggregate": "summary",
    "visit": "visit",
    "arm": "arm",
    "stratum": "stratum",
    "criterion": "criterion",
    "anchor": "anchor",
    "population": "population",
    "endpoint": "endpoint",
    "analysis": "analysis",
    "subgroup": "subgroup",
    "cut": "data cut",
    "scenario": "scenario",
    "aesi": "special interest",
    "code_list": "code list",
    "level": "level",
    "convention": "convention",
    "finding": "registry finding",
}
_FIELDS = {
    "min": "lowest value",
    "max": "highest value",
    "soft_min": "lowest usual value",
    "soft_max": "highest usual value",
    "show_if": "asked only if",
    "derived": "computed as",
    "refuse_when": "finds an entry when",
    "met_when": "met when",
    "key": "key of an entry",
    "date_item": "date of an entry",
    "reveals_arm": "reveals the arm",
    "entered_by": "entered by",
    "verify": "verified against the source",
    "before_days": "days before",
    "after_days": "days after",
    "form": "forms",
    "arm": "arms",
}
_MAPS = {"codes", "code_list"}  # code -> label, or name -> such


class Kind(StrEnum):
    """What became of a part of the protocol."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference: which part of the protocol, what became of it, and in words.

    `part` is the block of the text (form, schedule, endpoint ...), `where` the place in words.
    """

    part: str
    where: str
    kind: Kind
    words: str

    def __str__(self) -> str:
        """One line for a terminal."""
        return f"{self.where}: {self.words}" if self.where else self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    part: str
    steps: tuple[str, ...] = ()

    def below(self, step: str) -> "_Place":
        return _Place(part=self.part, steps=(*self.steps, step))

    def tell(self, kind: Kind, words: str) -> Change:
        return Change(part=self.part, where=", ".join(self.steps), kind=kind, words=words)


def diff(old: Protocol, *, new: Protocol) -> tuple[Change, ...]:
    """Every difference, block by block in the order of the protocol; none means the same text.

    A part of a list is known by its id, code or name; an item that says `renamed_from` is the
    same item. The order of forms and of codes says nothing; any other that changes is told.
    """
    before, after = old.model_dump(mode="json"), new.model_dump(mode="json")
    for said in (before, after):
        said["form"] = sorted(said["form"], key=lambda form: str(form["form"]))
    changes: list[Change] = []
    for field in Protocol.model_fields:
        place = _Place(part=field)
        old_said, new_said = before.get(field), after.get(field)
        if field in ("arm", "form") or isinstance(old_said, list | dict):
            changes += _compare(old_said, new_said, field=field, place=place)
        elif old_said != new_said:
            changes.append(place.tell(Kind.CHANGED, _becomes(field, old_said, new_said)))
    return tuple(changes)


def _compare(old: Any, new: Any, *, field: str, place: _Place) -> Iterator[Change]:
    if old == new:
        return
    if field in _MAPS and isinstance(old, dict) and isinstance(new, dict):
        yield from _compare_map(old, new, field=field, place=place)
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _compare_block(old, new, place=_inner(field, place))
    elif _has_identity(old) and _has_identity(new) and (old or new):
        yield from _compare_list(old, new, field=field, place=place)
    elif _are_tables(old) and _are_tables(new) and old and new:
        yield from _compare_alike(old, new, field=field, place=place)
    else:
        yield place.tell(Kind.CHANGED, _becomes(field, old, new))


def _inner(field: str, place: _Place) -> _Place:
    """The place inside a block: a block at the top is named by its part already."""
    return place if place.part == field and not place.steps else place.below(_name(field))


def _compare_block(
    old: Mapping[str, Any], new: Mapping[str, Any], *, place: _Place
) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        if key in old and key in new:
            yield from _compare(old[key], new[key], field=key, place=place)
        else:
            kind = Kind.ADDED if key in new else Kind.REMOVED
            said = new.get(key, old.get(key))
            yield place.tell(kind, f"{_name(key)} {_shown(said)} is {kind.value}")


def _compare_map(
    old: Mapping[str, Any], new: Mapping[str, Any], *, field: str, place: _Place
) -> Iterator[Change]:
    """Codes with their labels, or the named lists of them."""
    for key in dict.fromkeys([*old, *new]):
        if isinstance(old.get(key, new.get(key)), dict):
            inner = place.below(f"{_name(field)} {key}")
            if key in old and key in new:
                yield from _compare_map(old[key], new[key], field="codes", place=inner)
            else:
                kind = Kind.ADDED if key in new else Kind.REMOVED
                yield inner.tell(kind, kind.value)
        elif key not in old:
            yield place.tell(Kind.ADDED, f"code {key} ({new[key]}) is added")
        elif key not in new:
            yield place.tell(Kind.REMOVED, f"code {key} ({old[key]}) is removed")
        elif old[key] != new[key]:
            words = f"label of code {key}: {_shown(old[key])} becomes {_shown(new[key])}"
            yield place.tell(Kind.CHANGED, words)


def _compare_list(
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    *,
    field: str,
    place: _Place,
) -> Iterator[Change]:
    before = {_identity(each): each for each in old}
    after = {_identity(each): each for each in new}
    former = {
        each["renamed_from"]: name
        for name, each in after.items()
        if each.get("renamed_from") in before and each["renamed_from"] not in after
    }
    for name, each in before.items():
        now = former.get(name, name)
        inner = place.below(f"{_name_part(field)} {name}")
        if now not in after:
            yield inner.tell(Kind.REMOVED, f"removed{_label(each)}")
            continue
        if now != name:
            yield inner.tell(Kind.RENAMED, f"renamed to {now}")
            yield from _compare_block(_unnamed(each), _unnamed(after[now]), place=inner)
        else:
            yield from _compare_block(each, after[now], place=inner)
    for name, each in after.items():
        if name not in before and name not in former.values():
            inner = place.below(f"{_name_part(field)} {name}")
            yield inner.tell(Kind.ADDED, f"added{_label(each)}")
    names = [former.get(name, name) for name in before]
    yield from _order(names, list(after), what=f"{_name_part(field)}s", place=place)


def _compare_alike(
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    *,
    field: str,
    place: _Place,
) -> Iterator[Change]:
    """A list of parts that share a name or have none: told by their place in the list."""
    gone = [(number, each) for number, each in enumerate(old, 1) if each not in new]
    came = [(number, each) for number, each in enumerate(new, 1) if each not in old]
    if not gone and not came:
        yield place.tell(Kind.MOVED, f"the order of {_name_part(field)}s changes")
    for number, each in gone:
        inner = place.below(_name_alike(field, each, number))
        alike = [other for other in came if _identity(other[1]) == _identity(each)]
        if alike:
            came.remove(alike[0])
            yield from _compare_block(each, alike[0][1], place=inner)
        else:
            yield inner.tell(Kind.REMOVED, f"removed{_label(each)}")
    for number, each in came:
        inner = place.below(_name_alike(field, each, number))
        yield inner.tell(Kind.ADDED, f"added{_label(each)}")


def _name_alike(field: str, part: Mapping[str, Any], number: int) -> str:
    name = _identity(part)
    return f"{_name_part(field)} {name} ({number})" if name else f"{_name_part(field)} {number}"


def _unnamed(part: Mapping[str, Any]) -> Mapping[str, Any]:
    return {key: said for key, said in part.items() if key not in ("name", "renamed_from")}


def _order(old: list[str], new: list[str], *, what: str, place: _Place) -> Iterator[Change]:
    kept = [name for name in old if name in new]
    now = [name for name in new if name in old]
    if kept != now:
        yield place.tell(Kind.MOVED, f"the order of {what} becomes {', '.join(now)}")


def _has_identity(value: Any) -> bool:
    if not _are_tables(value):
        return False
    names = [_identity(each) for each in value]
    return "" not in names and len(set(names)) == len(names)


def _are_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _identity(part: Mapping[str, Any]) -> str:
    return next((part[key] for key in _IDENTITY if isinstance(part.get(key), str)), "")


def _label(part: Mapping[str, Any]) -> str:
    said = next((part[key] for key in _SAYING if part.get(key)), "")
    return f": {said}" if said else ""


def _becomes(field: str, old: Any, new: Any) -> str:
    if old in (None, "", [], {}):
        return f"{_name(field)} is now {_shown(new)}"
    if new in (None, "", [], {}):
        return f"{_name(field)} {_shown(old)} is taken out"
    return f"{_name(field)} {_shown(old)} becomes {_shown(new)}"


def _name_part(field: str) -> str:
    return _PARTS.get(field, field.replace("_", " "))


def _name(field: str) -> str:
    return _FIELDS.get(field) or _name_part(field)


def _shown(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case str():
            return f"'{value}'"
        case list() if all(not isinstance(each, list | dict) for each in value):
            return ", ".join(str(each) for each in value) or "nothing"
        case dict() | list():
            return f"({len(value)} entries)"
        case _:
            return "nothing" if value is None else str(value)
