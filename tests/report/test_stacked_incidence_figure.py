"""Stacked incidences share out all patients at every time, and say whose each area is."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.report.figures.stacked_incidence import (
    StackLook,
    layers_of,
    render_stacked_incidence,
    shares_at,
)
from report.small_curves import INCIDENCE, competing_curve, result_of
from report.svg_reading import (
    boxes_of,
    ids_of,
    named_of,
    outside_of,
    overlaps_of,
    references_of,
    texts_of,
)

CURVES = (
    competing_curve("A", event=(0, 0.1, 0.2, 0.3), competing=(0, 0.05, 0.15, 0.25)),
    competing_curve("B", event=(0, 0.0, 0.1, 0.1), competing=(0, 0.1, 0.2, 0.4), last=15.0),
)
LOOK = StackLook(
    figure_id="lc",
    layers=("Local failure", "Death without local failure", "Neither"),
    at=10.0,
    labels={"A": "Systemic therapy alone", "B": "Systemic therapy plus SBRT"},
)


def test_the_three_shares_add_up_to_all() -> None:
    for curve in CURVES:
        assert layers_of(curve)[2] == pytest.approx(1)
        assert sum(shares_at(curve, time=7.0) or ()) == pytest.approx(1)
    assert shares_at(CURVES[0], time=10.0) == pytest.approx((0.1, 0.05, 0.85))


def test_beyond_the_follow_up_nothing_is_known_unless_everybody_had_an_event() -> None:
    assert shares_at(CURVES[1], time=16.0) is None
    ended = competing_curve("A", event=(0, 0.4), competing=(0, 0.6))
    assert shares_at(ended, time=99.0) == pytest.approx((0.4, 0.6, 0.0))


def test_each_arm_has_a_panel_and_each_area_its_words() -> None:
    texts = texts_of(render_stacked_incidence(result_of(CURVES), look=LOOK))
    assert {"Systemic therapy alone", "Systemic therapy plus SBRT"} <= set(texts)
    assert texts.count("Local failure") == 2
    assert texts.count("Neither") == 2
    assert {"10.0% at 10 months", "5.0% at 10 months", "85.0% at 10 months"} <= set(texts)


def test_the_areas_differ_in_grey_by_tone_and_hatch() -> None:
    svg = render_stacked_incidence(result_of(CURVES), look=LOOK)
    assert svg.count("<pattern") == 2
    assert svg.count('fill="url(#lc-hatch') == 2
    assert svg.count("<polygon") == 6
    assert references_of(svg) <= set(ids_of(svg))


def test_numbers_at_risk_stand_below_each_panel() -> None:
    texts = texts_of(render_stacked_incidence(result_of(CURVES), look=LOOK))
    assert texts.count("At risk") == 2
    assert texts.count("30") >= 2


def test_the_shares_are_told_in_words_at_the_time_and_at_the_end() -> None:
    title, words = named_of(render_stacked_incidence(result_of(CURVES), look=LOOK))
    assert title == "Cumulative incidence by arm, stacked"
    assert "Systemic therapy alone: at 10 months Local failure 10.0%, Death without" in words
    assert "at 20 months Local failure 30.0%" in words


def test_an_event_that_nobody_had_has_no_area_and_still_its_words() -> None:
    none = competing_curve("A", event=(0, 0, 0), competing=(0, 0, 0))
    svg = render_stacked_incidence(result_of((none,)), look=replace(LOOK, at=None))
    assert svg.count("<polygon") == 1
    assert {"Local failure", "Neither"} <= set(texts_of(svg))


def test_curves_without_what_competes_give_no_figure() -> None:
    assert render_stacked_incidence(result_of(INCIDENCE), look=LOOK) == ""
    assert render_stacked_incidence(result_of(()), look=LOOK) == ""


def test_a_single_row_that_ends_on_day_zero_is_drawn() -> None:
    single = competing_curve("A", event=(0,), competing=(0,), last=0.0)
    assert "Neither" in texts_of(render_stacked_incidence(result_of((single,)), look=LOOK))


def test_the_same_result_gives_the_same_bytes() -> None:
    first = render_stacked_incidence(result_of(CURVES), look=LOOK)
    assert render_stacked_incidence(result_of(CURVES), look=LOOK) == first


@settings(max_examples=25, deadline=None)
@given(
    data=st.data(),
    arms=st.integers(1, 4),
    layer=st.sampled_from(["event", "a very long name of an event " * 4, "<b> & $x$"]),
)
def test_no_word_stands_on_another_nor_outside(data: st.DataObject, arms: int, layer: str) -> None:
    share = st.floats(0, 0.5)
    curves = [
        competing_curve(
            arm,
            event=list(np.cumsum([0, *data.draw(st.tuples(share, share))]) / 2),
            competing=list(np.cumsum([0, *data.draw(st.tuples(share, share))]) / 2),
            last=data.draw(st.floats(0.5, 90)),
        )
        for arm in "ABCD"[:arms]
    ]
    labels = dict.fromkeys("ABCD", "Systemic therapy with everything " * 3)
    look = replace(LOOK, layers=(layer, layer, layer), labels=labels, x_label="Months " * 3)
    svg = render_stacked_incidence(result_of(curves), look=look)
    assert len(boxes_of(svg)) > 10
    assert overlaps_of(svg) == []
    assert outside_of(svg) == []
