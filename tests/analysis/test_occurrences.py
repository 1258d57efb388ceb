"""Events in windows: the clock of each arm, window edges, who is at risk, death competing."""

import numpy as np
import polars as pl
import pytest

from analysis.hand_data import HandData, build_data, build_subject, day
from equipoise.analysis.gather import read_roster
from equipoise.analysis.occurrences import (
    build_times,
    check_window,
    choose_window,
    counts_in,
    gather_occurrences,
    read_timeline,
    set_clock,
)
from equipoise.analysis.populations import add_arms
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
ACUTE = PROTOCOL.endpoint_named("acute_g3")
CHRONIC = PROTOCOL.endpoint_named("chronic_g3")
ACUTE_SBRT = PROTOCOL.endpoint_named("acute_g3_sbrt")
CHRONIC_RANDOMISED = PROTOCOL.endpoint_named("chronic_g3_randomised")
ANY = PROTOCOL.endpoint_named("any_g3")


def occurred(data: HandData, endpoint: Endpoint) -> pl.DataFrame:
    """The events of the endpoint."""
    return data.occurrences.filter(pl.col("endpoint") == endpoint.id)


def timed(
    endpoint: Endpoint, window: str, subjects: list[dict[str, object]], events: str = ""
) -> dict[str, tuple[int, int]]:
    """Days and cause of each subject at risk in the window."""
    data = build_data(subjects=subjects, occurrences=events)
    with_arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(
        with_arms.with_columns(arm="treated_arm"), endpoint=endpoint, protocol=PROTOCOL
    )
    chosen = choose_window(endpoint, asked=window)
    timeline = read_timeline(occurred(data, endpoint), clock=clock)
    times = build_times(timeline, endpoint=endpoint, window=chosen)
    return {s: (d, c) for s, d, c in times.select("subject", "days", "cause").iter_rows()}


@pytest.mark.parametrize(
    ("onset", "window", "counts"),
    [
        (4, "primary", False),  # the day before the first treatment
        (5, "primary", True),  # day 1 of the clock
        (187, "primary", True),  # day 183
        (188, "primary", False),  # day 184
        (95, "conventional", True),  # day 91
        (96, "conventional", False),  # day 92
        (96, "registry", True),
        (187, "registry", True),
        (188, "registry", False),
        (188, "intermediate", True),  # day 184
        (368, "intermediate", True),  # day 364
        (369, "intermediate", False),  # day 365
    ],
)
def test_acute_window_edges_count_from_first_treatment(
    onset: int, window: str, counts: bool
) -> None:
    events = f"subject endpoint onset end\nA1 acute_g3 {onset} -"
    found = timed(ACUTE, window, [build_subject("A1")], events)
    assert found["A1"][1] == int(counts)


@pytest.mark.parametrize(
    ("onset", "end", "counts"),
    [
        (394, "394", False),  # day 364 of the clock, which starts on day 31
        (395, "-", True),  # day 365
        (1126, "-", True),  # day 1096
        (1127, "-", False),  # day 1097
        (100, "394", False),  # over on day 364
        (100, "395", True),  # still there on day 365
        (100, "-", True),  # goes on without end
    ],
)
def test_chronic_window_edges_count_from_the_end_of_sbrt(
    onset: int, end: str, counts: bool
) -> None:
    events = f"subject endpoint onset end\nB1 chronic_g3 {onset} {end}"
    found = timed(CHRONIC, "primary", [build_subject("B1")], events)
    assert found["B1"][1] == int(counts)


@pytest.mark.parametrize(
    ("onset", "window", "counts"),
    [
        (30, "primary", False),  # the day before the last fraction
        (31, "primary", True),  # day 1 of the clock
        (213, "primary", True),  # day 183
        (214, "primary", False),  # day 184
        (121, "conventional", True),  # day 91
        (122, "conventional", False),  # day 92
        (121, "registry", False),
        (122, "registry", True),
        (213, "registry", True),
        (214, "registry", False),
        (213, "intermediate", False),
        (214, "intermediate", True),  # day 184
        (394, "intermediate", True),  # day 364
        (395, "intermediate", False),  # day 365
    ],
)
def test_acute_window_edges_from_the_end_of_sbrt_as_sensitivity(
    onset: int, window: str, counts: bool
) -> None:
    """In both arms: the control clock starts after the median lag, 30 days (S9)."""
    events = "subject endpoint onset end"
    events += "".join(f"\n{s} acute_g3_sbrt {onset} -" for s in ("A1", "B1"))
    found = timed(ACUTE_SBRT, window, [build_subject("A1"), build_subject("B1")], events)
    assert [cause for _, cause in found.values()] == [int(counts)] * 2


@pytest.mark.parametrize(
    ("onset", "end", "counts"),
    [
        (364, "364", False),  # day 364 after randomisation, which is day 1
        (365, "-", True),  # day 365
        (1096, "-", True),
        (1097, "-", False),
        (100, "364", False),  # of grade 3 until day 364
        (100, "365", True),  # still of grade 3 on day 365
    ],
)
def test_chronic_window_edges_from_randomisation_as_sensitivity(
    onset: int, end: str, counts: bool
) -> None:
    events = "subject endpoint onset end"
    events += "".join(f"\n{s} chronic_g3_randomised {onset} {end}" for s in ("A1", "B1"))
    subjects = [build_subject("A1"), build_subject("B1")]
    found = timed(CHRONIC_RANDOMISED, "primary", subjects, events)
    assert [cause for _, cause in found.values()] == [int(counts)] * 2


@pytest.mark.parametrize(
    ("onset", "early", "late"), [(5, 1, 0), (94, 1, 0), (95, 0, 1), (1100, 0, 1), (1101, 0, 0)]
)
def test_conventional_split_lies_between_day_90_and_91(onset: int, early: int, late: int) -> None:
    events = f"subject endpoint onset end\nA1 any_g3 {onset} -"
    subjects = [build_subject("A1")]
    assert timed(ANY, "early", subjects, events)["A1"][1] == early
    assert timed(ANY, "late", subjects, events)["A1"][1] == late
    assert timed(ANY, "any", subjects, events)["A1"][1] == max(early, late)


def test_event_that_goes_on_into_the_window_counts_on_its_first_day() -> None:
    events = "subject endpoint onset end\nB1 chronic_g3 100 -\nB1 chronic_g3 500 510"
    assert timed(CHRONIC, "primary", [build_subject("B1")], events) == {"B1": (365, 1)}


def test_event_without_a_first_day_is_none_and_one_not_yet_judged_counts() -> None:
    events = "subject endpoint onset end\nA1 acute_g3 10 -\nA2 acute_g3 12 -"
    data = build_data(subjects=[build_subject("A1"), build_subject("A2")], occurrences=events)
    unknown = pl.lit(None, dtype=pl.Date)
    rows = occurred(data, ACUTE).with_columns(
        onset_date=pl.when(pl.col("subject") == "A1").then(unknown).otherwise("onset_date"),
        treatment_emergent=pl.lit(None, dtype=pl.Boolean),
    )
    arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(arms.with_columns(arm="treated_arm"), endpoint=ACUTE, protocol=PROTOCOL)
    timeline = read_timeline(rows, clock=clock)

    assert timeline.subject[timeline.member].tolist() == ["A2"]
    assert timeline.day.tolist() == [8]  # the clock starts on day 5
    assert np.isinf(timeline.end_day).all()


def test_all_events_of_a_subject_in_the_window_are_counted_with_the_days_in_it() -> None:
    events = "subject endpoint onset end\nA1 acute_g3 50 60\nA1 acute_g3 20 30\nA1 acute_g3 900 -"
    data = build_data(subjects=[build_subject("A1")], occurrences=events)
    arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(arms.with_columns(arm="treated_arm"), endpoint=ACUTE, protocol=PROTOCOL)
    timeline = read_timeline(occurred(data, ACUTE), clock=clock)
    window = choose_window(ACUTE, asked="")
    times = build_times(timeline, endpoint=ACUTE, window=window)

    assert counts_in(timeline, window=window).tolist() == [True, True, False]
    assert times.select("days", "count", "exposure_days").row(0) == (16, 2, 183)


def test_event_before_treatment_that_is_not_emergent_does_not_count() -> None:
    events = "subject endpoint onset end emergent\nA1 acute_g3 10 - no\nA2 acute_g3 10 - yes"
    found = timed(ACUTE, "primary", [build_subject("A1"), build_subject("A2")], events)
    assert {s: cause for s, (_, cause) in found.items()} == {"A1": 0, "A2": 1}


def test_clock_of_the_reference_arm_starts_after_the_median_lag() -> None:
    lags = {"B1": 31, "B2": 41, "B3": 61}  # 30, 40, 60 days after randomisation
    subjects = [build_subject(n, sbrt_completed_date=day(d)) for n, d in lags.items()]
    data = build_data(subjects=[*subjects, build_subject("A1")])
    arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(arms.with_columns(arm="treated_arm"), endpoint=CHRONIC, protocol=PROTOCOL)
    dates = dict(clock.members.select("subject", "origin_date").iter_rows())
    assert dates == {"A1": day(41), "B1": day(31), "B2": day(41), "B3": day(61)}
    assert clock.words == (
        "reference arm: the clock starts 40 days after its origin, the median lag of the other arm",
    )


def test_half_a_day_of_median_lag_is_rounded_up() -> None:
    subjects = [build_subject("B1", sbrt_completed_date=day(31))]
    subjects.append(build_subject("B2", sbrt_completed_date=day(32)))
    data = build_data(subjects=[*subjects, build_subject("A1")])
    arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(arms.with_columns(arm="treated_arm"), endpoint=CHRONIC, protocol=PROTOCOL)
    assert clock.members.filter(pl.col("subject") == "A1")["origin_date"].item() == day(32)


def test_offset_of_the_protocol_replaces_the_median_lag() -> None:
    fixed = CHRONIC.model_copy(update={"reference_offset_days": 42})
    data = build_data(subjects=[build_subject("B1"), build_subject("A1")])
    arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(arms.with_columns(arm="treated_arm"), endpoint=fixed, protocol=PROTOCOL)
    assert clock.members.filter(pl.col("subject") == "A1")["origin_date"].item() == day(43)
    assert "as the protocol gives it" in clock.words[0]


def test_without_any_lag_seen_the_reference_clock_starts_at_randomisation_and_it_is_said() -> None:
    data = build_data(subjects=[build_subject("A1")])
    arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(arms.with_columns(arm="treated_arm"), endpoint=CHRONIC, protocol=PROTOCOL)
    assert clock.members["origin_date"].item() == day(1)
    assert "so no lag" in clock.words[0]


def test_death_competes_and_loss_censors() -> None:
    subjects = [
        build_subject("B1", death_date=day(730), last_alive_date=day(700)),
        build_subject("B2", last_alive_date=day(800)),
        build_subject("B3"),
    ]
    found = timed(CHRONIC, "primary", subjects)
    assert found == {"B1": (700, 2), "B2": (770, 0), "B3": (1096, 0)}


def test_death_after_the_window_does_not_compete() -> None:
    found = timed(CHRONIC, "primary", [build_subject("B1", death_date=day(1500))])
    assert found == {"B1": (1096, 0)}


def test_not_at_risk_is_who_is_dead_or_lost_when_the_window_opens() -> None:
    subjects = [
        build_subject("B1", death_date=day(394)),  # day 364 of the clock
        build_subject("B2", last_alive_date=day(394)),
        build_subject("B3", last_alive_date=day(395)),
        build_subject("B4", sbrt_completed_date=None),
    ]
    data = build_data(subjects=subjects)
    arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(arms.with_columns(arm="treated_arm"), endpoint=CHRONIC, protocol=PROTOCOL)
    window = choose_window(CHRONIC, asked="")
    sample = gather_occurrences(
        read_timeline(occurred(data, CHRONIC), clock=clock),
        roster=read_roster(clock.members, protocol=PROTOCOL, arms=("A", "B")),
        endpoint=CHRONIC,
        window=window,
    )
    assert sample.subject.tolist() == ["B3"]
    assert sample.rows == ("chronic_g3/primary/B3",)
    assert check_window(sample, clock=clock, window=window) == (
        "1 never had the start of the clock: left out",
        "2 not known alive on day 365, when the window opens: left out",
    )


def test_row_of_a_subject_with_an_event_is_that_of_its_first_event() -> None:
    events = "subject endpoint onset end\nA1 acute_g3 50 60\nA1 acute_g3 20 30\nA1 other 6 7"
    data = build_data(subjects=[build_subject("A1"), build_subject("A2")], occurrences=events)
    arms = add_arms(data.subjects, allocations=data.allocations, protocol=PROTOCOL)
    clock = set_clock(arms.with_columns(arm="treated_arm"), endpoint=ACUTE, protocol=PROTOCOL)
    sample = gather_occurrences(
        read_timeline(occurred(data, ACUTE), clock=clock),
        roster=read_roster(clock.members, protocol=PROTOCOL, arms=("A", "B")),
        endpoint=ACUTE,
        window=choose_window(ACUTE, asked=""),
    )
    assert sorted(sample.rows) == ["acute_g3/A1/1", "acute_g3/primary/A2"]


def test_endpoint_without_a_window_counts_at_any_time() -> None:
    bare = ACUTE.model_copy(update={"window": ()})
    assert choose_window(bare, asked="").label == "any time"
    found = timed(bare, "", [build_subject("A1")], "subject endpoint onset end\nA1 acute_g3 900 -")
    assert found == {"A1": (896, 1)}
