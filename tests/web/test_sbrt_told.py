"""SBRT as a page tells it: what lies between fractions, and doses to organs against limits."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from equipoise.vocab.dose_constraints import read_constraints
from equipoise.web.lesions.derived import Derived
from equipoise.web.lesions.sbrt import Row, list_lesion_doses, list_organs

FRACTIONS = {
    "lesion": pl.String, "fraction": pl.Int64, "fraction_date": pl.Date,
    "fraction_time": pl.String, "dose_gy": pl.Float64,
}  # fmt: skip
ORGANS = {
    "lesion": pl.String, "structure": pl.String, "metric": pl.String, "metric_at": pl.Float64,
    "value": pl.Float64, "unit": pl.String,
}  # fmt: skip


def derived(
    *fractions: tuple[Any, ...], organs: tuple[Any, ...] = (), doses: Any = None
) -> Derived:
    """A subject with fractions as (lesion, number, date, time, Gy)."""
    frames = {
        "rt_fx": pl.DataFrame(list(fractions), schema=FRACTIONS, orient="row"),
        "rt_dvh": pl.DataFrame(list(organs), schema=ORGANS, orient="row"),
    }
    rows = doses or ({"lesion": "L01", "prescribed_fractions": 3},)
    return Derived(story=None, frames=frames, dose=rows, investigator={}, timeline="", sums="")


# fractions as number, day of April, time | hours and days since the one before
GAPS = """
1 22 10:00; 2 24 10:00              | - -; 48 2
1 22 10:00; 2 22 16:30              | - -; 6.5 0
1 22 10:00; 2 23 09:15              | - -; 23.25 1
1 22 -; 2 24 10:00                  | - -; - 2
1 22 10:00; 2 24 -; 3 26 10:00      | - -; - 2; - 2
2 24 10:00; 1 22 10:00              | - -; 48 2
1 22 23:59; 2 23 00:01              | - -; 0.03333333333333333 1
1 24 10:00; 2 22 10:00              | - -; -48 -2
3 26 10:00                          | - -
1 22 10:00; 3 26 10:00              | - -; 96 4
"""


@pytest.mark.parametrize("text", GAPS.strip().splitlines())
def test_what_lies_between_two_fractions(text: str) -> None:
    given, expected = (part.strip() for part in text.split("|"))
    rows = []
    for fraction in given.split(";"):
        number, day, at = fraction.split()
        rows.append(("L01", int(number), date(2024, 4, int(day)), None if at == "-" else at, 10.0))
    (told,) = list_lesion_doses(derived(*rows))
    gaps = [
        (None if hours == "-" else float(hours), None if days == "-" else int(days))
        for hours, days in (each.split() for each in expected.split(";"))
    ]
    assert [(each.gap_hours, each.gap_days) for each in told.fractions] == gaps
    assert [each.fraction for each in told.fractions] == sorted(row[1] for row in rows)


def test_a_fraction_without_a_day_is_not_counted_between_others() -> None:
    first, last = date(2024, 4, 22), date(2024, 4, 26)
    (told,) = list_lesion_doses(
        derived(
            ("L01", 1, first, "10:00", 10.0), ("L01", 2, None, "10:00", 10.0),
            ("L01", 3, last, "10:00", 10.0),
        )
    )  # fmt: skip
    assert [(each.fraction, each.gap_days) for each in told.fractions] == [(1, None), (3, 4)]
    assert told.fractions[0].at == "10:00"


def test_lesions_are_told_apart() -> None:
    on = date(2024, 4, 22)
    two = ({"lesion": "L01", "prescribed_fractions": 3}, {"lesion": "L02",
           "prescribed_fractions": 5})  # fmt: skip
    told = list_lesion_doses(
        derived(
            ("L01", 1, on, None, 10.0), ("L02", 1, on, None, 7.0), ("L02", 2, on, None, 7.0),
            organs=(("L02", "Heart", "max", None, 20.0, "Gy"),), doses=two,
        )
    )  # fmt: skip
    assert [[each.dose_gy for each in lesion.fractions] for lesion in told] == [[10.0], [7.0, 7.0]]
    assert [[each.structure for each in lesion.organs] for lesion in told] == [[], ["Heart"]]


def test_without_any_sbrt_there_is_nothing_to_tell() -> None:
    nothing = Derived(story=None, frames={}, dose=(), investigator={}, timeline="", sums="")
    assert list_lesion_doses(nothing) == []
    bare = Derived(story=None, frames={}, dose=({"lesion": "L01", "prescribed_fractions": None},),
                   investigator={}, timeline="", sums="")  # fmt: skip
    (told,) = list_lesion_doses(bare)
    assert (told.fractions, told.organs) == ((), ())


def organ(metric: str | None, at: float | None = None, value: float | None = 1.0) -> dict[str, Any]:
    return {"structure": "SpinalCord", "metric": metric, "metric_at": at, "value": value,
            "unit": None}  # fmt: skip


# metric as the form writes it, where | as the page writes it | is it held against the cord's limits
METRICS = """
max     -    | max      | yes
dcc     0.35 | Dcc 0.35 | yes
dcc     1.2  | Dcc 1.2  | yes
dcc     0.7  | Dcc 0.7  | no
dcc     -    | Dcc      | no
dpct    2    | Dpct 2   | no
mean    -    | mean     | no
vgy     20   | Vgy 20   | no
critvol 1000 | critvol 1000 | no
"""


@pytest.mark.parametrize("text", METRICS.strip().splitlines())
def test_a_dose_is_held_against_limits_of_its_own_metric_and_volume_only(text: str) -> None:
    given, words, held = (part.strip() for part in text.split("|"))
    metric, at = given.split()
    row = organ(metric, None if at == "-" else float(at))
    (told,) = list_organs([row], dose={"prescribed_fractions": 3})
    assert told.metric == words
    assert bool(told.verdicts) == (held == "yes")
    assert told.unit == ""


def test_a_metric_that_nobody_named_is_told_and_held_against_nothing() -> None:
    (told,) = list_organs([organ(None)], dose={"prescribed_fractions": 3})
    assert (told.metric, told.verdicts) == ("", ())


def test_an_organ_without_a_name_or_a_value_is_left_out() -> None:
    rows: list[Row] = [
        organ("max", value=None),
        {**organ("max"), "structure": None},
        organ("max", value=0.0),
    ]
    assert [each.value for each in list_organs(rows, dose={"prescribed_fractions": 3})] == [0.0]


def test_every_published_limit_is_met_by_a_row_of_the_form() -> None:
    """Whatever is typed at a limit of the vocabulary, in its own fractions, is judged by it."""
    as_typed = {"max": "max", "Dcc": "dcc", "Dpct": "dpct", "mean": "mean", "Vgy": "vgy",
                "critvol": "critvol"}  # fmt: skip
    for limit in read_constraints():
        row = {"structure": limit.organ, "metric": as_typed[limit.metric],
               "metric_at": limit.volume, "value": limit.mandatory, "unit": limit.unit}  # fmt: skip
        (told,) = list_organs([row], dose={"prescribed_fractions": limit.fractions})
        words = f"({limit.set}, {limit.fractions} fractions"
        assert any(words in verdict.words for verdict in told.verdicts), limit
