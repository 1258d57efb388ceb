"""How sizes, changes and days of a story are written."""

from datetime import date

import pytest

from equipoise.protocol.parse import shipped_protocol
from equipoise.report.story.words import (
    change_of,
    code_words,
    item_words,
    join_names,
    study_day,
    visit_label,
    write_change,
    write_day,
    write_mm,
    write_share,
)

PROTOCOL = shipped_protocol()
START = date(2024, 4, 2)


@pytest.mark.parametrize(("tenths", "words"), [(470, "47.0 mm"), (5, "0.5 mm"), (0, "0.0 mm")])
def test_a_size_has_one_decimal(tenths: int, words: str) -> None:
    assert write_mm(tenths) == words


def test_no_size_is_a_dash() -> None:
    assert write_mm(None) == "–"


@pytest.mark.parametrize(
    ("now", "since", "signed", "share"),
    [
        (360, 300, "+20 %", "20 %"),
        (359, 300, "+19.6 %", "19.6 %"),  # 19.67 % is no fifth, and does not look like one
        (1199, 1000, "+19.9 %", "19.9 %"),
        (210, 300, "−30 %", "30 %"),
        (211, 300, "−29.6 %", "29.6 %"),  # 29.67 % is no partial response
        (300, 300, "±0 %", "0 %"),
        (0, 300, "−100 %", "100 %"),
    ],
)
def test_a_change_is_cut_off_and_never_rounded_over_a_limit(
    now: int, since: int, signed: str, share: str
) -> None:
    change = change_of(now, since=since)

    assert change is not None
    assert (write_change(change), write_share(change)) == (signed, share)


@pytest.mark.parametrize(("now", "since"), [(None, 300), (300, None), (50, 0)])
def test_a_change_that_cannot_be_told_is_a_dash(now: int | None, since: int | None) -> None:
    assert write_change(change_of(now, since=since)) == "–"


@pytest.mark.parametrize(
    ("found", "day"), [(START, 1), (date(2024, 4, 3), 2), (date(2024, 4, 1), -1)]
)
def test_the_day_of_randomisation_is_day_1_and_there_is_no_day_0(found: date, day: int) -> None:
    assert study_day(found, start=START) == day


def test_a_day_is_written_behind_its_date() -> None:
    assert write_day(date(2024, 3, 25), start=START) == "2024-03-25 (day −8)"
    assert write_day(date(2024, 3, 25), start=None) == "2024-03-25"
    assert write_day(None, start=START) == "no date"


@pytest.mark.parametrize(
    ("visit", "label"), [("BL", "baseline"), ("M9", "month 9"), ("M9U", "visit M9U")]
)
def test_a_visit_has_the_name_of_the_schedule(visit: str, label: str) -> None:
    assert visit_label(PROTOCOL, visit=visit) == label


def test_a_code_is_told_in_the_words_of_the_protocol() -> None:
    assert code_words(PROTOCOL, form="les_bl", item="site", code="bone_spine") == "bone, spine"
    assert code_words(PROTOCOL, form="les_bl", item="site", code="moon") == "moon"
    assert code_words(PROTOCOL, form="les_bl", item="site", code=None) == ""
    assert code_words(PROTOCOL, form="none", item="site", code="lung") == "lung"


def test_a_value_is_told_with_its_unit() -> None:
    form = PROTOCOL.form_named("les_bl")
    assert item_words(PROTOCOL, form=form, item="ld_mm", value=12.5) == "12.5 mm"
    assert item_words(PROTOCOL, form=form, item="prior_rt", value=False) == "no"
    assert item_words(PROTOCOL, form=form, item="lesion", value="L01") == "L01"


def test_names_are_joined_as_in_a_sentence() -> None:
    assert join_names(["L01"]) == "L01"
    assert join_names(["L01", "L02", "L03"]) == "L01, L02 and L03"
