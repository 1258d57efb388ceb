"""Late entry, weights and clusters: counts by hand, the twin of the jackknife, refusals."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.numerics.risk_sets import count_rows, find_risk_sets
from equipoise.numerics.survival.kaplan_meier import KaplanMeier, estimate_kaplan_meier
from equipoise.numerics.survival.nelson_aalen import estimate_nelson_aalen
from naive.weighted_curves import Row, hazard, jackknife_variance, survival

ROWS = st.lists(
    st.builds(
        lambda start, length, event, weight, cluster: Row(
            entry=float(start), time=float(start + length), event=event, weight=weight,
            cluster=cluster,
        ),
        st.integers(-1, 4), st.integers(1, 5), st.integers(0, 1),
        st.sampled_from([0.3, 1.0, 2.5]), st.integers(0, 3),
    ),
    min_size=1, max_size=14,
)  # fmt: skip


def columns(rows: list[Row]) -> dict[str, Any]:
    whole = {"event": np.int64, "cluster": np.int64}
    names = ("time", "event", "entry", "weight", "cluster")
    return {k: np.array([getattr(r, k) for r in rows], whole.get(k, np.float64)) for k in names}


@settings(max_examples=40)
@given(ROWS)
def test_the_weighted_curve_and_its_jackknife_equal_the_twin(rows: list[Row]) -> None:
    given_ = columns(rows)
    found = estimate_kaplan_meier(given_.pop("time"), **given_)
    for j, now in enumerate(found.time):
        height = survival(rows, [r.weight for r in rows], now).real
        assert found.survival[j] == pytest.approx(height, abs=1e-12)
        if height > 1e-9:
            variance = jackknife_variance(survival, rows, now)
            assert height**2 * found.greenwood[j] == pytest.approx(variance, abs=1e-12)
        else:
            assert found.greenwood[j] == np.inf


@settings(max_examples=40)
@given(ROWS)
def test_the_weighted_hazard_and_its_jackknife_equal_the_twin(rows: list[Row]) -> None:
    given_ = columns(rows)
    found = estimate_nelson_aalen(given_.pop("time"), **given_)
    for j, now in enumerate(found.time):
        assert found.hazard[j] == pytest.approx(hazard(rows, [r.weight for r in rows], now).real)
        variance = jackknife_variance(hazard, rows, now)
        assert found.variance[j] == pytest.approx(variance, abs=1e-12)


@settings(max_examples=40)
@given(ROWS)
def test_rows_that_repeat_are_as_if_written_so_often(rows: list[Row]) -> None:
    often = [1 + r.cluster for r in rows]
    written = columns([r for r, n in zip(rows, often, strict=True) for _ in range(n)])
    curves = []
    for table, repeats in ((columns(rows), often), (written, None)):
        curves.append(estimate_kaplan_meier(
            table["time"], event=table["event"], entry=table["entry"], repeats=repeats
        ))  # fmt: skip

    assert_same(*curves)


def assert_same(one: KaplanMeier, other: KaplanMeier) -> None:
    assert (one.n, one.n_events) == (other.n, other.n_events)
    for name in ("time", "at_risk", "events", "censored"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
    assert np.allclose(one.survival, other.survival, rtol=1e-14, atol=0)
    assert np.allclose(one.greenwood, other.greenwood, rtol=1e-13, atol=0)


@settings(max_examples=40)
@given(ROWS)
def test_an_entry_before_all_times_is_none(rows: list[Row]) -> None:
    given_ = columns([Row(time=abs(r.time), event=r.event) for r in rows])
    late = estimate_kaplan_meier(given_["time"], event=given_["event"], entry=given_["entry"])

    assert_same(late, estimate_kaplan_meier(given_["time"], event=given_["event"]))


def test_a_row_is_at_risk_after_its_entry_up_to_its_time() -> None:
    sets = find_risk_sets([3.0, 5, 5, 8], event=[1, 1, 0, 0], entry=[0, 3, 2, 5])
    counts = count_rows(sets)

    assert counts.time.tolist() == [3, 5, 8]
    assert counts.at_risk.tolist() == [2, 2, 1]  # who enters on day 3 is not at risk on it
    assert counts.events.tolist() == [1, 1, 0]
    assert counts.censored.tolist() == [0, 1, 1]


def test_a_risk_set_may_run_empty_and_start_again() -> None:
    ended = estimate_kaplan_meier([2.0, 6, 7], event=[1, 1, 0], entry=[0, 3, 3])
    left = estimate_kaplan_meier([2.0, 6, 7], event=[0, 1, 0], entry=[0, 3, 3])

    assert ended.survival.tolist() == [0, 0, 0]
    assert ended.message.startswith("all 1 at risk at time 2 have the event")
    assert left.survival.tolist() == [1, 0.5, 0.5]
    assert left.message == ""


def test_the_hazard_grows_on_after_an_empty_risk_set() -> None:
    found = estimate_nelson_aalen([2.0, 6, 7], event=[1, 1, 0], entry=[0, 3, 3])

    assert found.hazard.tolist() == [1, 1.5, 1.5]


def test_without_ties_weights_of_one_have_the_variance_of_events_over_at_risk_squared() -> None:
    time, event = [1.0, 2, 3, 4, 5], [1, 0, 1, 1, 0]
    curve = estimate_kaplan_meier(time, event=event, weight=np.ones(5))

    assert curve.robust
    assert curve.at_risk.tolist() == [5, 4, 3, 2, 1]
    assert curve.survival.tolist() == estimate_kaplan_meier(time, event=event).survival.tolist()
    # the first event of five: its share has the variance 1/5 * 4/5 / 5
    assert curve.survival[0] ** 2 * curve.greenwood[0] == pytest.approx(0.8 * 0.2 / 5)


def test_scaling_all_weights_changes_nothing() -> None:
    time, event, weight = [1.0, 2, 2, 4], [1, 0, 1, 1], np.array([1.0, 2, 0.5, 1])
    one, other = (estimate_kaplan_meier(time, event=event, weight=k * weight) for k in (1, 7))

    assert np.allclose(one.survival, other.survival)
    assert np.allclose(one.greenwood[:-1], other.greenwood[:-1])


def test_read_only_and_strided_columns_are_read_as_they_are() -> None:
    table = np.array([[1.0, 9], [2, 9], [3, 9]])
    weight = np.array([1.0, 2, 3])
    weight.flags.writeable = table.flags.writeable = False
    found = estimate_kaplan_meier(table[:, 0], event=[1, 1, 0], weight=weight, cluster=[5, 5, 9])

    assert found.survival.tolist() == pytest.approx([5 / 6, 0.5, 0.5])


@pytest.mark.parametrize(("extra", "words"), [
    ({"entry": [0.0, 2.0]}, r"entry\[1\] is 2.0: a row enters before its time"),
    ({"entry": [0.0, 2.0 - 1e-9]}, r"entry\[1\] is its time to rounding"),
    ({"weight": [1.0, 0.0]}, r"weight\[1\] is 0.0: weights are finite and above 0"),
    ({"repeats": [1, 0]}, r"repeats\[1\] is 0: leave the row out"),
    ({"repeats": [1.5, 1]}, "repeats must be whole numbers"),
    ({"cluster": [1]}, r"cluster has shape \(1,\)"),
])  # fmt: skip
def test_what_is_no_entry_weight_or_cluster_is_refused(
    extra: dict[str, list[float]], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        estimate_kaplan_meier([1.0, 2.0], event=[1, 1], **extra)
