"""What is refused taken out of a protocol text, so that the rest of it can be checked too."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from equipoise.protocol.model import Arm, Identity, Registry
from equipoise.vocab.finding import Finding

# What nothing else refers to may be empty; what has a default may be left out.
_NOTHING: dict[str, Any] = {}
_STAND_INS: dict[str, BaseModel] = {
    "identity": Identity.model_construct(None, **_NOTHING),
    "registry": Registry.model_construct(None, **_NOTHING),
}
_OPTIONAL = ("operations", "radiotherapy", "multiplicity")
_OF_NAMED = ("code_list",)
# A complaint that may only be there because something of that block was taken out.
_FOLLOWS = {
    "reference-arm": "arm[]",
    "ratio-does-not-fit": "arm[]",
    "primary-endpoint": "endpoint[]",
    "alpha-does-not-add-up": "analysis[]",
}


def refusals(error: ValidationError, *, lost: set[str]) -> list[ErrorDetails]:
    """What a validation refuses, without the lists that are short only of refused entries."""
    told = error.errors(include_url=False)
    paths = [each["loc"] for each in told]

    def is_emptied(each: ErrorDetails) -> bool:
        path = each["loc"]
        inner = any(other[: len(path)] == path and len(other) > len(path) for other in paths)
        return each["type"] == "too_short" and (
            inner or (len(path) == 1 and f"{path[0]}[]" in lost)
        )

    return [each for each in told if not is_emptied(each)]


def prune(
    said: dict[str, Any], *, places: list[str], refused: list[ErrorDetails]
) -> set[str] | None:
    """Takes what is `refused` out of `said`; the names that are lost by it.

    `arm[]` among them says that an entry of that list was taken out. None when the rest makes no
    sense without it. `places` are the files of `said["form"]`.
    """
    lost: set[str] = set()
    numbers: dict[str, set[int]] = {}
    for path in (each["loc"] for each in refused if each["type"] == "extra_forbidden"):
        _take_out(said, path)
    for path in (each["loc"] for each in refused if each["type"] != "extra_forbidden"):
        if len(path) > 1 and isinstance(path[1], int):
            numbers.setdefault(str(path[0]), set()).add(path[1])
        elif not _replace_block(said, path, lost):
            return None
    for key, each in numbers.items():
        lost |= {f"{key}[]"} | _drop_entries(said, key, each, places)
    return with_summaries(said, lost=lost) if refused else None


def with_summaries(said: Mapping[str, Any], *, lost: set[str]) -> set[str]:
    """The names that are lost with the names of the aggregates over lost forms: these go too."""
    forms = [form for form in said.get("form", ()) if isinstance(form, Mapping)]
    aggregates = [each for form in forms for each in _entries(form, "aggregate")]
    return lost | {str(each.get("name")) for each in aggregates if each.get("form") in lost}


def is_consequence(found: Finding, *, lost: set[str]) -> bool:
    """Whether a problem may only be there because what it speaks of was taken out."""
    if _FOLLOWS.get(found.code) in lost or found.found.strip("'") in lost:
        return True
    words = re.findall(r"\w+", found.message)
    return any(_speaks_of(word, name) for word in words for name in lost)


def _speaks_of(word: str, name: str) -> bool:
    return (
        word in (name, f"{name}_date") or word.startswith(f"{name}__") or word.endswith(f"__{name}")
    )


def _take_out(said: dict[str, Any], path: tuple[int | str, ...]) -> None:
    place: Any = said
    for step in path[:-1]:
        place = place[step]
    place.pop(path[-1], None)


def _replace_block(said: dict[str, Any], path: tuple[int | str, ...], lost: set[str]) -> bool:
    block = str(path[0])
    if block == "format":
        said["format"] = 1
    elif block in _STAND_INS:
        said[block] = _STAND_INS[block]
    elif block in _OPTIONAL:
        said.pop(block, None)
    elif block in _OF_NAMED and len(path) > 1:
        said[block].pop(path[1], None)
        lost.add(str(path[1]))
    else:
        return False
    return True


def _drop_entries(said: dict[str, Any], key: str, numbers: set[int], places: list[str]) -> set[str]:
    lost: set[str] = set()
    for number in sorted(numbers, reverse=True):
        entry = said[key].pop(number)
        if key == "form":
            places.pop(number)
        if isinstance(entry, Mapping):
            lost |= {str(entry[name]) for name in ("id", "form", "name") if name in entry}
            if key == "arm":  # a trial has two arms at least: an empty one keeps the place
                said[key].insert(number, _arm_like(entry))
                lost |= set() if "code" in entry else _arms_of_ratio(said)
    return lost


def _arm_like(entry: Mapping[str, Any]) -> Arm:
    words: dict[str, Any] = {name: str(entry.get(name, "")) for name in Arm.model_fields}
    return Arm.model_construct(None, **words)


def _arms_of_ratio(said: Mapping[str, Any]) -> set[str]:
    """The codes that an arm without a code may have had."""
    randomisation = said.get("randomisation")
    ratio = randomisation.get("ratio") if isinstance(randomisation, Mapping) else None
    return set(ratio) if isinstance(ratio, Mapping) else set()


def _entries(form: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    entries = form.get(key)
    entries = entries if isinstance(entries, list) else []
    return [each for each in entries if isinstance(each, Mapping)]
