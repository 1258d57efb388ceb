"""Any single word or number of a protocol that changes, changes its fingerprint; order does not."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import parse_protocol, shipped_protocol
from protocol.trial_texts import parse_planted, reference_texts

TRIAL = shipped_protocol()
SAID = TRIAL.model_dump(mode="json")
Path = tuple[str | int, ...]


def _leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _leaves(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _leaves(each, (*path, number))
    else:
        yield path


LEAVES = list(_leaves(SAID))


def changed_leaf(path: Path) -> dict[str, Any]:
    said = copy.deepcopy(SAID)
    place: Any = said
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = _other(place[path[-1]])
    return said


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return 1 if value is None else f"{value}x"


@settings(max_examples=60)
@given(st.sampled_from(LEAVES))
def test_any_single_changed_leaf_changes_the_fingerprint(path: Path) -> None:
    try:
        other = Protocol.model_validate(changed_leaf(path))
    except ValidationError:
        return  # a value that no protocol may hold

    assert fingerprint(other) != fingerprint(TRIAL), path


def test_most_leaves_may_be_changed_at_all() -> None:
    assert len(LEAVES) > 3000
    free = [path for path in LEAVES if path[-1] in ("label", "message", "words", "title", "text")]
    assert len(free) > 200
    assert fingerprint(Protocol.model_validate(changed_leaf(free[0]))) != fingerprint(TRIAL)


def test_the_order_of_files_does_not_matter() -> None:
    texts = reference_texts()
    backwards = dict(reversed(list(texts.items())))

    parsed = parse_protocol(backwards)

    assert parsed.protocol is not None
    assert fingerprint(parsed.protocol) == fingerprint(TRIAL)


def test_the_order_of_items_matters_as_they_are_asked_in_it() -> None:
    dm = TRIAL.form_named("dm")
    turned = dm.model_copy(update={"item": tuple(reversed(dm.item))})
    forms = tuple(turned if form is dm else form for form in TRIAL.form)

    assert fingerprint(TRIAL.model_copy(update={"form": forms})) != fingerprint(TRIAL)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ratio = { A = 1, B = 1 }", "ratio = { B = 1, A = 1 }"),
        ("block_sizes = [4, 6]", "block_sizes = [ 4, 6, ]  # in any order"),
        ('M = "male"\nF = "female"', 'F = "female"\nM = "male"'),
        ('phase = "3"', "phase = '3'"),
    ],
)
def test_another_layout_of_the_same_words_has_the_same_fingerprint(old: str, new: str) -> None:
    parsed = parse_planted("trial.toml", old=old, new=new)

    assert parsed.protocol is not None
    assert fingerprint(parsed.protocol) == fingerprint(TRIAL)
