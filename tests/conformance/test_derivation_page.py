"""The page of the derivation names every frame, every question and every kind of failure."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from equipoise.derive.consistency import CHECKS
from equipoise.derive.left_out import REASONS, STRANGER, STRANGER_WORDS, TWICE, TWICE_WORDS
from equipoise.derive.schemas import Datasets
from equipoise.protocol.endpoint_model import DERIVED_FRAMES
from equipoise.protocol.scope import SUBJECT_FACTS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "derivation.md"
TEXT = PAGE.read_text(encoding="utf-8")
NAMED = frozenset(re.findall(r"`([a-z_0-9-]+)`", TEXT))
DATED = {"randomised_date", "cutoff_date", "death_date", "last_alive_date", "site"}


def test_every_question_stands_in_the_page_word_for_word() -> None:
    lines = [line for line in TEXT.splitlines() if re.match(r"\| `[a-z]+-[a-z-]+` \|", line)]
    assert lines == [f"| `{each.code}` | {each.message} | {each.mend} |" for each in CHECKS]


def test_every_reason_to_leave_an_entry_out_stands_in_the_page_word_for_word() -> None:
    pattern = r"\| (?:any|`[a-z_]+`) \| `[a-z-]+` \|"
    lines = [line for line in TEXT.splitlines() if re.match(pattern, line)]
    wanted = [f"| any | `{TWICE}` | {TWICE_WORDS} |", f"| any | `{STRANGER}` | {STRANGER_WORDS} |"]
    wanted += [f"| `{each.form}` | `{each.code}` | {each.words} |" for each in REASONS]
    assert lines == wanted


@pytest.mark.parametrize("frame", [each.name for each in fields(Datasets)])
def test_every_derived_frame_stands_in_the_page(frame: str) -> None:
    assert frame in NAMED


@pytest.mark.parametrize("frame", sorted(DERIVED_FRAMES))
def test_every_frame_that_an_endpoint_may_name_stands_in_the_page(frame: str) -> None:
    assert frame in NAMED


@pytest.mark.parametrize("fact", sorted(set(SUBJECT_FACTS) - DATED))
def test_every_fact_that_a_population_may_name_stands_in_the_page(fact: str) -> None:
    assert fact in NAMED
