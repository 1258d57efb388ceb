"""The hazard of largest likelihood: no jump can be moved to advantage, whatever the risks."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.intervals.interval_hazard import (
    IntervalHazard,
    IntervalRows,
    fit_interval_hazard,
    fit_settled_hazard,
)
from equipoise.numerics.intervals.interval_times import bound_interval_times, find_innermost
from equipoise.numerics.intervals.turnbull import interval_rows
from equipoise.numerics.streams import draw_uniforms
from naive.interval_hazard import Span, log_likelihood, rise
from naive.turnbull import Bounds
from numerics.interval_samples import bounded_rows, times_of


def rows_between(bounds: list[Bounds], risk: list[float]) -> tuple[IntervalRows, list[Span]]:
    innermost = find_innermost(times_of(bounds))
    rows = IntervalRows(
        low=innermost.first,
        high=innermost.beyond,
        weight=np.array([b.weight for b in bounds]),
        risk=np.array(risk[: len(bounds)]),
        nodes=innermost.left.size,
    )
    spans = [
        Span(low=int(a), high=int(b), weight=float(w), risk=float(r))
        for a, b, w, r in zip(rows.low, rows.high, rows.weight, rows.risk, strict=True)
    ]
    return rows, spans


RISKS = st.lists(st.sampled_from([0.2, 1.0, 1.7, 4.0]), min_size=14, max_size=14)


@given(bounded_rows(), RISKS)
@settings(max_examples=50)
def test_no_jump_could_be_moved_to_advantage(bounds: list[Bounds], risk: list[float]) -> None:
    rows, spans = rows_between(bounds, risk)
    found = fit_interval_hazard(rows)
    jumps = np.diff(found.hazard)

    assert found.converged
    assert found.hazard[0] == 0
    assert math.isinf(found.hazard[-1])
    assert (jumps >= 0).all()
    assert found.log_likelihood == pytest.approx(
        log_likelihood(spans, found.hazard.tolist()), abs=1e-9
    )
    for node in range(1, rows.nodes):
        slope = rise(spans, found.hazard.tolist(), node)
        assert slope <= 1e-7
        assert jumps[node - 1] == 0 or slope == pytest.approx(0, abs=1e-6)


@given(bounded_rows(), RISKS)
@settings(max_examples=20)
def test_the_top_is_the_same_from_elsewhere(bounds: list[Bounds], risk: list[float]) -> None:
    rows, _ = rows_between(bounds, risk)
    one = fit_interval_hazard(rows)
    start = np.r_[np.arange(rows.nodes) * 0.3, np.inf]
    other = fit_interval_hazard(rows, start=start)

    assert other.converged
    assert other.hazard[:-1] == pytest.approx(one.hazard[:-1], abs=1e-9)


def test_a_doubled_risk_halves_the_hazard() -> None:
    def fit(risk: float) -> IntervalHazard:
        return fit_interval_hazard(
            IntervalRows(
                low=np.array([0, 0, 1, 2]),
                high=np.array([1, 2, 3, 3]),
                weight=np.ones(4),
                risk=np.full(4, risk),
                nodes=3,
            )
        )

    assert fit(2).hazard[:-1] == pytest.approx(fit(1).hazard[:-1] / 2, abs=1e-12)
    assert fit(2).log_likelihood == pytest.approx(fit(1).log_likelihood, abs=1e-12)


def test_one_node_is_certain() -> None:
    found = fit_interval_hazard(
        IntervalRows(
            low=np.array([0]), high=np.array([1]), weight=np.ones(1), risk=np.ones(1), nodes=1
        )
    )

    assert found.hazard.tolist() == [0, math.inf]
    assert found.log_likelihood == 0


def test_rows_that_never_settle_are_refused() -> None:
    rows = IntervalRows(
        low=np.array([0, 1]),
        high=np.array([1, 2]),
        weight=np.array([1.0, 1.0]),
        risk=np.array([math.nan, 1.0]),
        nodes=2,
    )

    with pytest.raises(ValueError, match="stopped after"):
        fit_settled_hazard(rows)


def test_steps_that_gain_less_than_the_likelihood_is_rounded_by_are_made_whole() -> None:
    subjects = np.arange(1000)
    for seed in range(12):
        u = draw_uniforms(seed, replicate=0 * subjects, subject=subjects, purpose=2, count=2)
        left = np.maximum(np.ceil(-60 * np.log(u[:, 0])) - 60 * np.sqrt(u[:, 1]), 0.0)
        times = bound_interval_times(left, right=left + 84)
        found = fit_interval_hazard(interval_rows(times, innermost=find_innermost(times)))

        assert found.converged
        assert found.rounds < 12  # 8 lead to the top; halved for rounding they were up to 999


def late_rows(seed: int, *, from_start: float) -> IntervalRows:
    """400 rows, some never seen to have the event, of which such a share enters at the start."""
    subjects = np.arange(400)
    u = draw_uniforms(seed, replicate=0 * subjects, subject=subjects, purpose=2, count=4)
    left = np.maximum(np.ceil(-500 * np.log(u[:, 0])) - 60 * np.sqrt(u[:, 1]), 0.0)
    right = np.where(u[:, 3] < 0.4, math.inf, left + 84)
    part = np.maximum(u[:, 2] - from_start, 0.0) / (1 - from_start)
    times = bound_interval_times(left, right=right, entry=0.3 * part * left)
    return interval_rows(times, innermost=find_innermost(times))


def test_jumps_held_at_once_that_lead_nowhere_are_held_one_at_a_time_from_then_on() -> None:
    for seed in range(8):
        # every second step led nowhere, up to 15
        assert fit_settled_hazard(late_rows(seed, from_start=0.3)).rounds < 12


def test_a_first_jump_of_few_that_runs_away_is_left_before_it_drowns_the_others() -> None:
    for seed in range(16):
        found = fit_settled_hazard(late_rows(seed, from_start=0.0))
        later = np.diff(found.hazard[:-1])

        assert later.max() > 20
        assert later[later > 0].min() < 0.1
