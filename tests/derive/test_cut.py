"""Data cuts: the dates of the rules, and what had happened by them."""

from datetime import date

import polars as pl
import pytest

from derive.case_tables import derive_cases, read_cases, time_of
from derive.trial_tables import PROTOCOL, build_frames, day, derive, scans
from equipoise.derive.cut import apply_cut, cut_dates


def randomised(*dates: str) -> dict[str, pl.DataFrame]:
    rows = [{"subject": f"01-{n:03}", "randomised_date": when} for n, when in enumerate(dates, 1)]
    return build_frames({"rand": rows})


@pytest.mark.parametrize(
    ("last", "cut", "expected"),
    [
        ("2025-03-10", "DC1", date(2026, 3, 10)),
        ("2025-03-10", "DC2", date(2028, 5, 10)),
        ("2024-02-29", "DC1", date(2025, 2, 28)),
        ("2025-12-31", "DC2", date(2029, 2, 28)),
    ],
)
def test_a_cut_lies_whole_months_after_the_last_randomisation(
    last: str, cut: str, expected: date
) -> None:
    frames = randomised("2024-01-05", last, "2024-02-01")
    assert cut_dates(frames, PROTOCOL, cut=cut).row(0) == (0, expected)


def test_each_replicate_has_its_own_cut() -> None:
    first, second = randomised("2024-01-05"), randomised("2025-01-05")
    both = {
        name: pl.concat([frame, second[name].with_columns(replicate=pl.lit(1, dtype=pl.Int32))])
        for name, frame in first.items()
    }
    found = cut_dates(both, PROTOCOL, cut="DC1")["cutoff_date"].to_list()
    assert found == [date(2025, 1, 5), date(2026, 1, 5)]


def cut_at(frames: dict[str, pl.DataFrame], number: int) -> dict[str, pl.DataFrame]:
    cutoffs = pl.DataFrame(
        {"replicate": [0], "cutoff_date": [day(number)]},
        schema={"replicate": pl.Int32, "cutoff_date": pl.Date},
    )
    return dict(apply_cut(frames, PROTOCOL, cutoffs=cutoffs))


def test_an_entry_on_the_day_of_the_cut_stays_and_a_later_one_goes() -> None:
    frames = build_frames(surv="| alive_date |\n| 100 |\n| 101 |")
    assert cut_at(frames, 100)["surv"]["alive_date"].to_list() == [day(100)]


def test_a_later_stop_inside_an_earlier_entry_is_not_known_yet() -> None:
    frames = build_frames(
        ex_sys="| start_date | stop_date | action |\n| 10 | 120 | stopped |",
        ae="| onset_date | end_date | grade |\n| 20 | 130 | 2 |",
    )
    kept = cut_at(frames, 100)
    assert kept["ex_sys"]["stop_date"].to_list() == [None]
    ends = kept["ae"].select("end_date", "end_earliest_date", "end_latest_date")
    assert ends.row(0) == (None, None, None)
    assert not derive(frames, cut_day=100).flow["systemic_stopped"].item()
    assert derive(frames, cut_day=120).flow["systemic_stopped"].item()


def test_a_partial_date_is_kept_when_it_may_have_been_by_the_cut() -> None:
    frames = build_frames(dth="| death_date |\n| 2024-03 |")
    assert cut_at(frames, 60)["dth"].height == 1  # 1 March
    assert cut_at(frames, 59)["dth"].is_empty()


def test_baseline_forms_without_a_date_stay() -> None:
    frames = build_frames(
        dm="| site | sex | birth_year |\n| 01 | M | 1960 |", rand="| randomised_date |\n| 0 |"
    )
    assert cut_at(frames, 0)["dm"].height == 1


def test_entries_after_the_cut_change_nothing() -> None:
    """S11: the report of the first cut must not move when the trial goes on."""
    before = """
    | visit | day | L01 | new |
    | BL    | -10 | 20  |     |
    | M3    | 84  | 25  |     |
    """
    after = (
        before
        + """
    | M6    | 168 | 20  | N01 |
    | M9    | 252 | 30  |     |
    """
    )
    later = {
        "surv": "| alive_date |\n| 150 |\n| 300 |",
        "dth": "| death_date |\n| 320 |",
        "subseq": "| start_date |\n| 200 |",
        "ae": "| onset_date | grade |\n| 90 | 3 |\n| 210 | 4 |",
        "eos": "| eos_date | reason |\n| 320 | death |",
    }
    early = {
        "surv": "| alive_date |\n| 150 |",
        "ae": "| onset_date | grade |\n| 90 | 3 |",
    }
    short = derive(scans(before, **early), cut_day=160)
    long = derive(scans(after, **later), cut_day=160)
    for name in ("subjects", "assessments", "lesion_states", "times", "occurrences", "flow"):
        assert getattr(short, name).equals(getattr(long, name)), name
    assert short.times.height > 0


def test_a_scan_split_by_the_cut_is_judged_by_what_was_seen() -> None:
    case = read_cases("| a | scans |\n| b | 84:20 168:20 |")
    found = [
        time_of(derive_cases(case, cut_day=cut), case[0], reading="pfs/ema")[0]
        for cut in (83, 84, 167, 168)
    ]
    assert found == [0, 84, 84, 168]
