"""LC-4: the reference arm counts from randomisation plus the lag seen in the other arm."""

import polars as pl
import pytest

from analysis.hand_data import build_data, build_subject
from equipoise.analysis.sample import Sample
from equipoise.analysis.stand_in import select_by_clock
from equipoise.analysis.trial import gather, prepare_trial
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
ENDPOINT = PROTOCOL.endpoint_named("lc_pseudo")
# start: the day of the clock; days from there. B1 to B3 completed SBRT 40, 41 and 60 days later.
TIMES = """
subject lesion endpoint  convention start days cause
A1      /L1    lc_pseudo reference  1     300  1
A2      /L1    lc_pseudo reference  1     41   0
A3      /L1    lc_pseudo reference  1     42   2
A4      /L1    lc_pseudo -          21    180  1
A4      /L1    lc_pseudo reference  1     200  1
B1      /L1    lc_pseudo -          41    260  1
B1      /L1    lc_pseudo reference  1     300  1
B2      /L1    lc_pseudo -          42    500  0
B2      /L1    lc_pseudo reference  1     541  0
B3      /L1    lc_pseudo -          61    400  0
B3      /L1    lc_pseudo reference  1     460  0
B4      /L1    lc_pseudo reference  1     90   1
"""


def gathered() -> tuple[Sample, tuple[str, ...]]:
    names = ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"]
    data = build_data(subjects=[build_subject(name) for name in names], times=TIMES)
    trial = prepare_trial(data, protocol=PROTOCOL, allocations=data.allocations, replicate=0)
    analysis = next(a for a in PROTOCOL.analysis if a.endpoint == "lc_pseudo")
    found = gather(trial, analysis=analysis, seed=1)
    return found.sample, found.warnings


def test_each_arm_counts_from_its_own_clock() -> None:
    sample, _ = gathered()
    days = {row: round(time * 30.4375) for row, time in zip(sample.rows, sample.time, strict=True)}
    assert days == {
        "lc_pseudo/reference/A1/L1": 300 - 41,  # the median lag of 40, 41 and 60 days
        "lc_pseudo/reference/A3/L1": 1,
        "lc_pseudo/reference/A4/L1": 200
        - 41,  # irradiated in the other arm's way: allocated counts
        "lc_pseudo//B1/L1": 260,
        "lc_pseudo//B2/L1": 500,
        "lc_pseudo//B3/L1": 400,
    }


def test_what_was_set_and_who_was_left_out_is_told() -> None:
    assert gathered()[1] == (
        "reference arm: the clock starts 41 days after its origin, the median lag of the other arm",
        "1 of the reference arm ended before the clock starts: left out",
    )


@pytest.mark.parametrize("given", [0, 42])
def test_a_lag_given_by_the_protocol_comes_before_the_one_seen(given: int) -> None:
    data = build_data(subjects=[build_subject("A1"), build_subject("B1")], times=TIMES)
    members = data.subjects.with_columns(arm=pl.col("subject").str.slice(0, 1))
    fixed = ENDPOINT.model_copy(update={"reference_offset_days": given})
    rows, words = select_by_clock(data.times, members=members, endpoint=fixed, protocol=PROTOCOL)
    own = rows.filter(subject="A1")
    assert own["days"].to_list() == [300 - given]
    assert words[0].endswith(f"starts {given} days after its origin, as the protocol gives it")


def test_without_anybody_in_the_other_arm_there_is_no_lag() -> None:
    data = build_data(subjects=[build_subject("A1")], times="\n".join(TIMES.split("\n")[:3]))
    members = data.subjects.with_columns(arm=pl.lit("A"))
    rows, words = select_by_clock(data.times, members=members, endpoint=ENDPOINT, protocol=PROTOCOL)
    assert rows["days"].to_list() == [300]
    assert words == (
        "reference arm: nobody in the other arm has the start of the clock, so no lag",
    )
