"""Places, ticks and words of plots drawn by hand."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.report.figures.plots import (
    Plot,
    draw_x_axis,
    draw_y_axis,
    linear_ticks,
    ratio_ticks,
    spread,
)
from equipoise.report.figures.style import tint

PLOT = Plot(left=100, right=300, top=20, bottom=120, x=(0, 10), y=(0, 1))


def test_numbers_stand_in_proportion_and_those_beyond_at_the_edge() -> None:
    assert PLOT.at((5, 0.25)) == (200, 95)
    assert PLOT.at((-3, 7)) == (100, 20)
    assert PLOT.at((11, -1)) == (300, 120)


def test_words_of_a_tick_that_would_touch_the_last_are_left_out() -> None:
    drawn = "".join(draw_x_axis(PLOT, ticks=[(0, "0"), (0.2, "12"), (5, "60")], name="Months"))
    assert ">0<" in drawn
    assert ">12<" not in drawn
    assert ">60<" in drawn
    assert ">Months<" in drawn
    assert drawn.count("<line") == 4  # every tick has its line


def test_what_an_axis_measures_is_text() -> None:
    drawn = "".join(draw_y_axis(PLOT, ticks=[(0.5, "50%")], name="<b> & c"))
    assert "&lt;b&gt; &amp; c" in drawn
    assert "rotate(-90)" in drawn
    assert "rotate" not in "".join(draw_y_axis(PLOT, ticks=[]))


def test_ticks_of_ratios_are_powers_of_two() -> None:
    ticks = ratio_ticks((math.log(0.25), math.log(4)))
    assert [words for _, words in ticks] == ["1/4", "1/2", "1", "2", "4"]
    assert ticks[0][0] == pytest.approx(math.log(0.25))
    assert len(ratio_ticks((-12, 12))) <= 9
    assert "1" in [words for _, words in ratio_ticks((-12, 12))]


def test_ticks_of_differences_are_round_and_carry_the_unit() -> None:
    assert [w for _, w in linear_ticks((-0.25, 0.3), factor=100)] == [
        "\u221220",
        "\u221210",
        "0",
        "10",
        "20",
        "30",
    ]
    assert [w for _, w in linear_ticks((0, 0.4))] == ["0.0", "0.1", "0.2", "0.3", "0.4"]


@given(low=st.floats(-1e3, 1e3), span=st.floats(1e-3, 1e3))
def test_there_are_a_few_ticks_within_the_ends(low: float, span: float) -> None:
    ticks = linear_ticks((low, low + span))
    assert 1 <= len(ticks) <= 7
    assert all(low - 1e-6 * span <= value <= low + span * (1 + 1e-6) for value, _ in ticks)


@given(places=st.lists(st.floats(0, 100), min_size=1, max_size=4))
def test_spread_places_keep_their_order_and_their_distance(places: list[float]) -> None:
    moved = spread(sorted(places), apart=20, within=(0, 100))
    assert all(later - earlier >= 20 - 1e-9 for earlier, later in pairwise(moved))
    assert min(moved) >= -1e-9
    assert max(moved) <= 100 + 1e-9


def test_places_far_enough_apart_stay_where_they_are() -> None:
    assert spread([10, 50, 90], apart=20, within=(0, 100)) == [10, 50, 90]


def test_a_tint_lies_between_paper_and_the_colour() -> None:
    assert tint("#0072B2", share=1.0) == "#0072b2"
    assert tint("#0072B2", share=0.0) == "#ffffff"
    assert tint("#000000", share=0.5) == "#808080"
