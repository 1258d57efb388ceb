"""A convention takes what it does not say from the one that it is based on."""

from typing import Any

import pytest

from equipoise.protocol.compose import compose_conventions
from equipoise.protocol.parse import shipped_protocol
from protocol.trial_texts import parse_planted

BASE = {
    "id": "one",
    "label": "One",
    "role": "primary",
    "provenance": "proposal",
    "missed_assessments": 2,
    "words": {"R1": "first", "R2": "second"},
}


def composed(*conventions: Any) -> list[Any]:
    said = {"format": 1, "endpoint": [{"id": "pfs", "convention": list(conventions)}]}
    done = compose_conventions(said)
    assert done["format"] == 1
    found: list[Any] = done["endpoint"][0]["convention"]
    return found


def test_settings_and_words_are_taken_over_and_its_own_come_first() -> None:
    own = {"id": "two", "based_on": "one", "new_therapy": "censor", "words": {"R2": "other"}}
    first, second = composed(BASE, own)
    assert first == BASE
    assert second == {
        "id": "two",
        "based_on": "one",
        "new_therapy": "censor",
        "missed_assessments": 2,
        "words": {"R1": "first", "R2": "other"},
    }


def test_label_role_and_provenance_are_said_by_each_for_itself() -> None:
    assert not {"label", "role", "provenance"} & set(composed(BASE, {"based_on": "one"})[1])


def test_a_convention_may_be_based_on_one_that_is_based_on_another() -> None:
    third = composed(BASE, {"id": "two", "based_on": "one"}, {"id": "three", "based_on": "two"})[2]
    assert third["missed_assessments"] == 2


@pytest.mark.parametrize(
    "said",
    [
        {"endpoint": "pfs"},
        {"endpoint": [3, {"convention": 3}]},
        {"endpoint": [{"convention": [3, {"id": "a", "based_on": "b"}]}]},
        {"endpoint": [{"convention": [{"id": "a", "words": 3}, {"based_on": "a"}]}]},
        {},
    ],
)
def test_text_of_another_shape_is_left_for_validation(said: dict[str, Any]) -> None:
    done = compose_conventions(said)
    assert set(done) == set(said)


@pytest.mark.parametrize("base", ["nowhere", "fda_treatment", "distant"])
def test_an_unknown_or_later_base_is_a_problem_with_its_place(base: str) -> None:
    parsed = parse_planted("trial.toml", old='based_on = "fda"', new=f'based_on = "{base}"')
    told = [p for p in parsed.problems if p.code == "unknown-convention"]
    assert [p.where for p in told] == [
        "trial.toml: endpoint[pfs].convention[fda_treatment].based_on"
    ]
    assert "ema, fda" in told[0].mend


def test_every_shipped_convention_prints_the_rules_of_its_base() -> None:
    pfs = shipped_protocol().endpoint_named("pfs")
    words = {c.id: c.words for c in pfs.convention}
    for convention in pfs.convention:
        if convention.based_on:
            assert set(words[convention.based_on]) <= set(convention.words)
