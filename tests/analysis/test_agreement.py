"""Two readings of the same patients: how far they agree, in each arm and in all."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analysis.hand_data import ask, build_data, build_sample, build_subject
from equipoise.analysis.agreement import compare_readings
from equipoise.analysis.plan import run_analysis
from equipoise.analysis.result import Result
from equipoise.analysis.sample import Sample
from equipoise.analysis.trial import prepare_trial
from equipoise.numerics.shares.reader_agreement import Weighting, compare_two_readers
from equipoise.protocol.endpoint_model import Analysis
from equipoise.protocol.methods.readings import KappaOptions
from equipoise.protocol.parse import shipped_protocol

PROTOCOL = shipped_protocol()
# event by both readings, by the first only, by the second only, by neither
A, B = (20, 5, 10, 15), (12, 3, 2, 13)


def sample_of(**counts: tuple[int, int, int, int]) -> Sample:
    """Patients at time 5 with so many of each pair of readings in each arm."""
    pairs = [
        (arm, *pair)
        for arm, numbers in counts.items()
        for pair, number in zip(((1, 1), (1, 0), (0, 1), (0, 0)), numbers, strict=True)
        for _ in range(number)
    ]
    sample = build_sample("\n".join(f"{arm} 5{'' if first else '+'}" for arm, first, _ in pairs))
    return replace(
        sample,
        second_time=np.full(len(pairs), 5.0),
        second_cause=np.array([second for _, _, second in pairs]),
        second_label="Central reading",
    )


def periods_of(text: str) -> Sample:
    """Patients with two times each, `+` where censored: `A 3 4+`."""
    rows = [line.split() for line in text.strip().splitlines()]
    sample = build_sample("\n".join(f"{arm} {first}" for arm, first, _ in rows))
    return replace(
        sample,
        second_time=np.array([float(row[2].rstrip("+x")) for row in rows]),
        second_cause=np.array([{"+": 0, "x": 2}.get(row[2][-1], 1) for row in rows]),
    )


def kappa_by_hand(both: int, first: int, second: int, neither: int) -> tuple[float, float]:
    """Kappa of two readings of yes and no, with its standard error.

    Source: Fleiss, Levin, Paik (2003), 18.1.
    """
    n = both + first + second + neither
    yes, yes_second = (both + first) / n, (both + second) / n
    observed = (both + neither) / n
    chance = yes * yes_second + (1 - yes) * (1 - yes_second)
    kappa = (observed - chance) / (1 - chance)
    on = sum(
        share * (1 - (p + q) * (1 - kappa)) ** 2
        for share, p, q in (
            (both / n, yes, yes_second),
            (neither / n, 1 - yes, 1 - yes_second),
        )
    )
    off = (1 - kappa) ** 2 * (
        first / n * (yes_second + 1 - yes) ** 2 + second / n * (1 - yes_second + yes) ** 2
    )
    rest = (kappa - chance * (1 - kappa)) ** 2
    return kappa, math.sqrt((on + off - rest) / n) / (1 - chance)


def assert_kappa(found: object, value: float, error: float) -> None:
    """An estimate has this kappa and its 95 % interval."""
    told = [getattr(found, name) for name in ("value", "standard_error", "lower", "upper")]
    half = 1.959963984540054 * error
    ends = [value - half, min(value + half, 1)]
    assert told == pytest.approx([value, error, *ends], rel=1e-12)


def test_kappa_of_all_and_of_each_arm_is_that_by_hand() -> None:
    result = compare_readings(sample_of(A=A, B=B), question=ask())
    assert kappa_by_hand(*A)[0] == pytest.approx(0.4)  # 0.7 agree, 0.5 by chance
    for arm, counts in zip(result.arms, (A, B), strict=True):
        assert_kappa(arm.estimates["kappa"], *kappa_by_hand(*counts))
    whole = tuple(a + b for a, b in zip(A, B, strict=True))
    assert_kappa(result.estimate, *kappa_by_hand(*whole))
    assert result.further["agreement"].value == pytest.approx(60 / 80)
    assert result.arms[0].estimates["agreement"].value == pytest.approx(35 / 50)


def test_whether_the_arms_agree_alike_is_tested() -> None:
    result = compare_readings(sample_of(A=A, B=B), question=ask())
    (first, one), (second, other) = kappa_by_hand(*A), kappa_by_hand(*B)
    z = (second - first) / math.hypot(one, other)  # two estimates: the square of Wald's z
    assert result.statistic == pytest.approx(z * z, rel=1e-12)
    assert result.p_value == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=1e-10)
    assert result.degrees_of_freedom == 1


def test_one_reading_that_sees_more_events_is_told() -> None:
    result = compare_readings(sample_of(A=A, B=B), question=ask())
    counts = {name: result.further[name].value for name in result.further if "event_by" in name}
    assert counts == {
        "event_by_first_only": 8, "event_by_second_only": 12, "event_by_both": 32,
        "event_by_both_on_one_day": 32,
    }  # fmt: skip
    (part,) = result.parts
    tail = sum(math.comb(20, k) for k in range(9)) / 2**20
    assert part.p_value == pytest.approx(2 * tail, rel=1e-12)


PERIODS = """
A 2 3
A 5 5
A 9 4
A 14+ 14+
A 3 8
A 8 7
B 2 9+
B 7 7
B 14+ 11
B 12 3
B 6+ 5
B 13+ 4x
"""


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_periods_are_ordered_categories(weights: str) -> None:
    options = KappaOptions.model_validate({"compared": "period", "weights": weights})
    result = compare_readings(periods_of(PERIODS), question=ask(6, 10, options=options))
    # up to 6, after it up to 10, later or never; B 2 9+ and B 6+ 5 end before 10
    places = [[0, 0], [0, 0], [1, 0], [2, 2], [0, 1], [1, 1], [1, 1], [2, 2], [2, 0], [2, 2]]
    kernel = compare_two_readers(places, categories=3, weighting=Weighting(weights))
    assert_kappa(result.estimate, kernel.value, kernel.standard_error)
    assert "2 censored before 10 months by a reading: left out" in result.warnings
    assert len(result.rows) == len(result.second_rows) == 10
    assert result.parts == ()


def test_weighted_kappa_by_hand() -> None:
    options = KappaOptions(compared="period", weights="linear")
    result = compare_readings(periods_of(PERIODS), question=ask(6, 10, options=options))
    # the first reading has 3, 3, 4 of ten in the periods, the second 4, 3, 3; one step apart is
    # half a disagreement: A 9 4 and A 3 8; two steps a whole one: B 14+ 11 is none, B 12 3 is
    observed = (2 * 0.5 + 1) / 10
    apart = (3 * 3 * 0.5 + 3 * 3 + 3 * 4 * 0.5 + 3 * 3 * 0.5 + 4 * 4 + 4 * 3 * 0.5) / 100
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(1 - observed / apart)


def test_what_agrees_in_all_has_no_interval_and_no_test() -> None:
    same = compare_readings(sample_of(A=(5, 0, 0, 5), B=(5, 1, 1, 5)), question=ask())
    first, second = (arm.estimates["kappa"] for arm in same.arms)
    assert (first.value, first.lower, first.upper) == (1, None, None)
    assert second.lower is not None
    assert same.p_value is None
    assert any("the arms are not compared" in words for words in same.warnings)
    # the first reading sees the event in everybody
    flat = compare_readings(sample_of(A=(9, 2, 0, 0)), question=ask())
    assert flat.arms[0].estimates["kappa"].value == pytest.approx(0)
    assert flat.arms[0].estimates["kappa"].upper is None
    assert any("kappa has no interval" in words for words in flat.warnings)


def test_readings_of_one_kind_alone_tell_nothing() -> None:
    result = compare_readings(sample_of(A=(0, 0, 0, 4), B=(0, 0, 0, 4)), question=ask())
    assert result.estimate is not None
    assert result.estimate.value is None
    assert any("no agreement beyond chance" in words for words in result.warnings)


def test_without_a_second_reading_or_a_time_there_is_an_answer_in_words() -> None:
    bare = replace(build_sample("A 3\nB 4"), second_time=None)
    result = compare_readings(bare, question=ask())
    assert any("second endpoint is not known" in words for words in result.warnings)
    by_period = ask(options=KappaOptions(compared="period"))
    untimed = compare_readings(sample_of(A=A, B=B), question=by_period)
    assert untimed.estimate is None
    assert any("no time at which a period ends" in words for words in untimed.warnings)


def plan_of(**options: object) -> Result:
    """Two conventions of one endpoint as two readings of four patients."""
    names = ("A1", "A2", "B1", "B2")
    lines = ["subject endpoint convention days cause"]
    for convention, causes in (("ema", "1101"), ("fda", "1001")):
        lines += [f"{n} pfs {convention} 300 {c}" for n, c in zip(names, causes, strict=True)]
    data = build_data(subjects=[build_subject(n) for n in names], times="\n".join(lines))
    trial = prepare_trial(data, protocol=PROTOCOL, allocations=data.allocations, replicate=0)
    asked = Analysis(
        id="agreement", endpoint="pfs", method="kappa", role="supportive", convention="ema",
        options={"second_endpoint": "pfs", "second_convention": "fda", **options},
    )  # fmt: skip
    return run_analysis(trial, analysis=asked)


def test_a_convention_of_the_same_endpoint_is_a_reading() -> None:
    result = plan_of()
    assert result.estimate is not None
    assert result.estimate.value == pytest.approx(0.5)  # 3 of 4 agree, 1 of 2 by chance
    assert "against Progression-free survival (Censoring (FDA style))" in result.method
    assert result.rows[0] == "pfs/ema/A1"
    assert result.second_rows[0] == "pfs/fda/A1"
