"""Rows of the table from tallies that are small enough to be counted by hand."""

import math

import pytest

from design.operating_samples import ask, with_looks
from equipoise.design.operating_cells import BITS, Count, Tally, add_tallies
from equipoise.design.operating_table import Answer, Origin, build_table

WANTED = with_looks(0.5, statistics=("cox", "logrank"))
(QUESTION,) = ask("events=40", wanted=WANTED)
ONE = 1 << BITS
ORIGIN = Origin(seed=9, protocol="abc", program="0.1.0 def")


def count(*logs: int, favour: tuple[int, int] = (0, 0), against: int = 0) -> Count:
    """Trials with these log hazard ratios, ten months and 30 events each."""
    size = len(logs)
    return Count(
        favour=favour,
        against=(0, against),
        futile=(0, 0),
        known=size,
        events=30 * size,
        entered=60 * size,
        timed=size,
        time=10 * ONE * size,
        estimated=size,
        estimate=sum(logs) * ONE,
        square=sum(log * log for log in logs) * ONE,
    )


NOTHING = Count(
    favour=(0, 0), against=(0, 0), futile=(0, 0), known=0, events=0, entered=0, timed=0, time=0,
    estimated=0, estimate=0, square=0,
)  # fmt: skip


def rows(*tallies: Tally) -> list[dict[str, object]]:
    answer = Answer(question=QUESTION, tally=add_tallies(tallies))
    return build_table([answer], origin=ORIGIN).to_dicts()


def test_shares_are_of_all_trials_with_exact_intervals() -> None:
    row, _ = rows(Tally(trials=4, counts=(count(0, -1, -2, 1, favour=(1, 1), against=1), NOTHING)))

    assert (row["power"], row["against"], row["level"]) == (0.5, 0.25, 0.75)
    # Clopper, Pearson (1934): 2 of 4
    assert row["power_lower"] == pytest.approx(0.06758599)
    assert row["power_upper"] == pytest.approx(0.93241401)
    assert row["stopped_favour"] == [0.25, 0.25]
    assert row["stopped_against"] == [0.0, 0.25]
    assert row["look_events"] == [20, 40]


def test_a_hazard_ratio_is_averaged_on_the_log_scale() -> None:
    row, _ = rows(Tally(trials=4, counts=(count(0, -1, -2, 1), NOTHING)))

    assert row["mean_estimate"] == pytest.approx(math.exp(-0.5))
    assert row["sd_estimate"] == pytest.approx(math.sqrt(5 / 3))
    assert row["estimate_of"] == "hazard ratio (geometric mean)"
    assert (row["mean_months"], row["mean_events"], row["mean_subjects"]) == (10, 30, 60)


def test_parts_are_added_field_by_field() -> None:
    parts = [
        Tally(trials=2, counts=(count(0, -1, favour=(1, 0)), NOTHING)),
        Tally(trials=2, counts=(count(-2, 1, favour=(0, 1), against=1), NOTHING)),
    ]
    whole = Tally(trials=4, counts=(count(0, -1, -2, 1, favour=(1, 1), against=1), NOTHING))

    assert add_tallies(parts) == add_tallies(reversed(parts)) == whole
    assert add_tallies(parts[:1]) == parts[0]


def test_what_was_never_told_is_null() -> None:
    _, row = rows(Tally(trials=4, counts=(count(0, 0, 0, 0), NOTHING)))

    for name in ("mean_estimate", "sd_estimate", "mean_months", "mean_events", "mean_subjects"):
        assert row[name] is None
    assert (row["power"], row["known"]) == (0.0, 0)


def test_one_estimate_has_no_spread_and_equal_ones_none_but_0() -> None:
    (one, _) = rows(Tally(trials=1, counts=(count(-1), NOTHING)))
    (same, _) = rows(Tally(trials=3, counts=(count(3, 3, 3), NOTHING)))

    assert one["sd_estimate"] is None
    assert same["sd_estimate"] == 0.0


def test_a_row_names_its_cell_and_where_it_came_from() -> None:
    row, other = rows(Tally(trials=1, counts=(count(-1), NOTHING)))

    assert (row["scenario"], row["label"]) == ("base", "Base")
    assert (row["events"], row["hazard_ratio"], row["cured"]) == (40.0, 0.65, 0.0)
    assert (row["seed"], row["protocol"], row["program"]) == (9, "abc", "0.1.0 def")
    assert (row["alpha"], row["sides"], row["no_effect"]) == (0.05, 2, False)
    assert (row["statistic"], other["statistic"]) == ("cox", "logrank")
