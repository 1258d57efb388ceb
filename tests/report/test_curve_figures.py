"""The figures of curves say what the curves say, to every reader."""

from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.analysis.result import Estimate
from equipoise.report.figures.arm_rows import at_risk_at, censored_before
from equipoise.report.figures.cumulative_incidence import render_cumulative_incidence
from equipoise.report.figures.kaplan_meier import render_kaplan_meier
from equipoise.report.figures.steps import (
    Look,
    describe_curves,
    longest_time,
    value_at,
)
from equipoise.report.figures.style import arm_styles, month_ticks, shorten, wrap
from report.small_curves import INCIDENCE, SURVIVAL, curve_of, result_of, told_of
from report.svg_reading import (
    boxes_of,
    ids_of,
    named_of,
    outside_of,
    overlaps_of,
    read_svg,
    references_of,
    texts_of,
)

LABELS = {"A": "Systemic therapy alone", "B": "Systemic therapy plus SBRT"}
LOOK = Look(figure_id="pfs", labels=LABELS, milestones=(12.0,), y_label="Event-free")


def test_the_value_of_a_curve_holds_from_its_step_on() -> None:
    curve = SURVIVAL[0]
    assert value_at(curve, time=0) == 1
    assert value_at(curve, time=2.99) == 1
    assert value_at(curve, time=3) == 0.75
    assert value_at(curve, time=100) == 0


def test_those_at_risk_are_counted_just_before_the_time() -> None:
    curve = SURVIVAL[0]
    assert [at_risk_at(curve, time=t) for t in (0, 3, 3.1, 9.5, 20, 21)] == [4, 4, 3, 2, 1, 0]


def test_those_censored_are_counted_before_the_time_so_that_counts_add_up() -> None:
    curve = SURVIVAL[1]
    assert [censored_before(curve, time=t) for t in (25, 25.1, 31)] == [0, 1, 2]


def test_the_same_result_gives_the_same_bytes() -> None:
    first = render_kaplan_meier(result_of(SURVIVAL), look=LOOK)
    assert render_kaplan_meier(result_of(SURVIVAL), look=LOOK) == first


def test_the_figure_has_no_date_no_program_and_no_outer_file() -> None:
    svg = render_kaplan_meier(result_of(SURVIVAL), look=LOOK)
    assert "<metadata" not in svg
    assert "matplotlib" not in svg.lower()
    assert "<style" not in svg
    assert "http" not in svg.replace("http://www.w3.org/", "")


def test_every_id_starts_with_the_name_of_the_figure_and_every_reference_is_found() -> None:
    svg = render_kaplan_meier(result_of(SURVIVAL), look=LOOK)
    assert all(name.startswith("pfs-") for name in ids_of(svg))
    assert references_of(svg) <= set(ids_of(svg))


def test_the_figure_is_named_for_readers_who_cannot_see_it() -> None:
    svg = render_kaplan_meier(result_of(SURVIVAL), look=LOOK)
    title, description = named_of(svg)
    assert title == "Kaplan-Meier estimates by arm"
    assert "Systemic therapy alone: 50% at 12 months" in description
    assert "Systemic therapy plus SBRT: 75% at 12 months" in description
    root = read_svg(svg)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == "pfs-title pfs-desc"


def test_numbers_at_risk_and_censored_stand_below_each_tick() -> None:
    texts = texts_of(render_kaplan_meier(result_of(SURVIVAL), look=LOOK))
    assert "At risk (censored)" in texts
    assert texts.count("4 (0)") == 5  # both arms at 0 and 3 months, B at 6 months
    assert texts.count("0 (1)") == 4  # A from 21 months on


def test_words_stay_words_and_the_scale_is_in_per_cent() -> None:
    texts = texts_of(render_kaplan_meier(result_of(SURVIVAL), look=LOOK))
    assert {"0%", "20%", "100%", "Event-free", "Time, months"} <= set(texts)
    assert set(LABELS.values()) <= set(texts)


def test_short_names_stand_beside_the_numbers_at_risk() -> None:
    look = Look(labels=LABELS, short={"A": "Control", "B": "SBRT"})
    texts = texts_of(render_kaplan_meier(result_of(SURVIVAL), look=look))
    assert {"Control", "SBRT"} <= set(texts)


def test_arms_stay_apart_in_grey_by_their_dash() -> None:
    svg = render_kaplan_meier(result_of(SURVIVAL), look=LOOK)
    styles = arm_styles(("B", "A"), reference="A")
    assert styles["A"].dash
    assert not styles["B"].dash
    assert styles["A"].colour.lower() in svg.lower()
    assert "stroke-dasharray" in svg


def test_the_style_of_an_arm_does_not_depend_on_the_order_of_the_arms() -> None:
    assert arm_styles(("A", "B"), reference="A") == arm_styles(("B", "A"), reference="A")
    many = arm_styles(tuple("ABCDE"), reference="A")
    assert many["E"] == many["B"]


def test_a_band_is_drawn_where_there_are_limits_and_only_there() -> None:
    with_limits = render_kaplan_meier(result_of(SURVIVAL), look=LOOK)
    bare = curve_of("A", steps=((0, 1), (3, 0.5)))
    unknown = np.full(bare.time.size, np.nan)
    bare = type(bare)(
        arm="A",
        time=bare.time,
        estimate=bare.estimate,
        lower=unknown,
        upper=unknown,
        at_risk=bare.at_risk,
        censored=bare.censored,
    )
    without = render_kaplan_meier(result_of((bare,)), look=LOOK)
    assert with_limits.count("FillBetween") == 2
    assert without.count("FillBetween") == 0


def test_a_milestone_beyond_the_follow_up_is_not_marked() -> None:
    far = Look(figure_id="pfs", milestones=(60.0,))
    assert "followed for less than the time marked" in describe_curves(
        result_of(SURVIVAL), look=far, rising=False
    )
    read_svg(render_kaplan_meier(result_of(SURVIVAL), look=far))


def test_one_arm_alone_is_drawn() -> None:
    svg = render_kaplan_meier(result_of(SURVIVAL[1:]), look=LOOK)
    assert "Systemic therapy plus SBRT" in texts_of(svg)
    assert "Systemic therapy alone" not in texts_of(svg)


def test_a_result_without_curves_is_a_figure_that_says_so() -> None:
    svg = render_kaplan_meier(result_of(()), look=LOOK)
    assert "No row to draw" in texts_of(svg)
    assert named_of(svg)[1] == "There is no row to draw."
    assert longest_time(()) == 0


def test_a_curve_without_any_event_is_a_flat_line() -> None:
    flat = curve_of("A", steps=((0, 1), (7, 1)), censored=(7, 7))
    look = Look(milestones=(6.0,))
    assert "A: 100% at 6 months" in named_of(render_kaplan_meier(result_of((flat,)), look=look))[1]
    assert value_at(flat, time=7) == 1


def test_labels_with_markup_and_formulas_are_text() -> None:
    labels = {"A": "<b>A</b> & $x_1$", "B": "\\frac{1}{2} $"}
    svg = render_kaplan_meier(result_of(SURVIVAL), look=Look(labels=labels, title="<i>"))
    assert "<b>A</b> & $x_1$" in texts_of(svg)
    assert named_of(svg)[0] == "<i>"


def test_a_very_long_label_is_shortened_with_an_ellipsis() -> None:
    svg = render_kaplan_meier(result_of(SURVIVAL), look=Look(labels={"A": "very long " * 40}))
    assert max(len(text) for text in texts_of(svg)) <= 60
    assert any(text.endswith("…") for text in texts_of(svg))


def test_an_incidence_starts_at_zero_and_its_scale_fits_what_is_seen() -> None:
    svg = render_cumulative_incidence(result_of(INCIDENCE), look=LOOK)
    title, description = named_of(svg)
    assert title == "Cumulative incidence by arm"
    assert "Cumulative incidence by arm over months" in description
    assert "60%" in texts_of(svg)
    assert "100%" not in texts_of(svg)


def test_a_rare_incidence_has_a_scale_of_at_least_twenty_per_cent() -> None:
    rare = curve_of("A", steps=((0, 0), (5, 0.01)))
    texts = texts_of(render_cumulative_incidence(result_of((rare,)), look=LOOK))
    assert "20%" in texts
    assert "5%" in texts


def test_the_unit_of_the_result_is_the_unit_of_the_axis() -> None:
    texts = texts_of(render_kaplan_meier(result_of(SURVIVAL, unit="days")))
    assert "Time, days" in texts


def test_drawing_leaves_the_settings_of_matplotlib_as_they_were() -> None:
    before = dict(mpl.rcParams)
    render_kaplan_meier(result_of(SURVIVAL), look=LOOK)
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("longest", "last", "count"),
    [(0.0, 1.0, 2), (0.4, 0.4, 5), (11, 11, 12), (24.2, 27, 10), (54, 54, 10), (730, 800, 9)],
)
def test_ticks_cover_the_follow_up_in_round_steps(longest: float, last: float, count: int) -> None:
    ticks = month_ticks(longest)
    assert ticks[0] == 0
    assert ticks[-1] == pytest.approx(last)
    assert len(ticks) == count


@given(longest=st.floats(min_value=1e-3, max_value=1e6))
def test_there_are_never_more_than_a_dozen_ticks(longest: float) -> None:
    ticks = month_ticks(longest)
    assert ticks[-1] >= longest * (1 - 1e-6)
    assert len(ticks) <= 13 or longest > 0.1
    assert np.diff(ticks) == pytest.approx(ticks[1])


@given(text=st.text(max_size=80), width=st.integers(min_value=2, max_value=30))
def test_a_shortened_text_is_never_longer_than_its_room(text: str, width: int) -> None:
    assert len(shorten(text, width=width)) <= width
    assert len(wrap(text, width=width)) <= 2


@settings(max_examples=8, deadline=None)
@given(label=st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_no_label_breaks_the_drawing(label: str) -> None:
    read_svg(render_kaplan_meier(result_of(SURVIVAL), look=Look(labels={"A": label, "B": "B"})))


MEDIANS = (Estimate(value=9.0, lower=3.0), Estimate(value=None, lower=6.0))


def test_each_arm_has_a_row_above_with_its_events_and_its_median() -> None:
    texts = texts_of(render_kaplan_meier(told_of(SURVIVAL, medians=MEDIANS), look=LOOK))
    assert {"Events/n", "Median, months (95% CI)"} <= set(texts)
    assert texts.count("2/4") == 2
    assert {"9.0 (3.0 to NE)", "not reached (6.0 to NE)"} <= set(texts)


def test_a_median_that_is_reached_falls_to_the_axis_and_only_that() -> None:
    both = (Estimate(value=9.0), Estimate(value=16.0))
    drawn = [
        render_kaplan_meier(told_of(SURVIVAL, medians=medians), look=LOOK).count("<path")
        for medians in ((), MEDIANS, both)
    ]
    assert drawn[1] == drawn[0] + 2  # the line at one half, and one that falls
    assert drawn[2] == drawn[0] + 3


def test_the_comparison_at_the_milestone_stands_below_the_arms() -> None:
    svg = render_kaplan_meier(told_of(SURVIVAL), look=LOOK)
    said = (
        "At 12 months: 50.0% v 75.0%; difference 25.0 percentage points "
        "(95% CI \u22125.0 to 55.0), p\u00a0=\u00a00.10"
    )
    assert said in texts_of(svg)
    assert said in named_of(svg)[1]


def test_a_comparison_that_is_given_is_told_instead() -> None:
    medians = replace(result_of(SURVIVAL), measure="median")
    look = replace(LOOK, compared=told_of(SURVIVAL))
    assert any(
        "At 12 months" in words for words in texts_of(render_kaplan_meier(medians, look=look))
    )
    assert not any("At 12" in words for words in texts_of(render_kaplan_meier(medians, look=LOOK)))


def test_comparisons_of_several_arms_name_them() -> None:
    third = curve_of("C", steps=((0, 1), (5, 0.5)))
    pair = told_of((SURVIVAL[0], third))
    whole = replace(
        told_of((*SURVIVAL, third)), parts=(told_of(SURVIVAL), pair), at=None, estimate=None
    )
    texts = texts_of(render_kaplan_meier(whole, look=Look(short={"A": "Control"})))
    assert any(words.startswith("At 12 months, Control v B: ") for words in texts)
    assert any(words.startswith("At 12 months, Control v C: ") for words in texts)


def test_four_arms_of_many_patients_with_long_names_leave_room_for_each_word() -> None:
    names = {arm: f"{arm} " + "with a very long name of treatment " * 3 for arm in "ABCD"}
    curves = [
        replace(
            curve_of(arm, steps=((0, 1), (10 + 9 * place, 0.6), (58, 0.4))),
            at_risk=np.array([123456, 98765, 54321]),
            censored=np.full(1234, 31.0),
        )
        for place, arm in enumerate("ABCD")
    ]
    medians = [Estimate(value=42.123 + place, lower=40.1, upper=48.2) for place in range(4)]
    told = told_of(curves, medians=medians)
    look = Look(labels=names, short=names, x_label="Months since " * 12, y_label="Survival " * 20)
    svg = render_kaplan_meier(told, look=look)
    assert len(boxes_of(svg)) > 50
    assert overlaps_of(svg) == []
    assert outside_of(svg) == []


def test_an_incidence_tells_competing_events_instead_of_medians() -> None:
    told = told_of(INCIDENCE, medians=MEDIANS, measure="incidence_difference")
    counted = tuple(
        replace(arm, estimates={**arm.estimates, "competing_events": Estimate(value=3.0)})
        for arm in told.arms
    )
    texts = texts_of(render_cumulative_incidence(replace(told, arms=counted), look=LOOK))
    assert "Competing events" in texts
    assert texts.count("3") >= 2
    assert not any("Median" in words for words in texts)
    assert any(words.startswith("At 12 months: 50.0% v 75.0%") for words in texts)


def test_the_reader_of_overlaps_sees_words_on_words() -> None:
    words = '<text x="10" y="20" font-size="10">{}</text>'
    near, far = words.format("one"), words.format("two").replace('y="20"', 'y="40"')
    frame = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90">{}</svg>'
    assert overlaps_of(frame.format(near + near)) == [("one", "one")]
    assert overlaps_of(frame.format(near + far)) == []
    assert outside_of(frame.format(near.replace("10", "-9", 1))) == ["one"]
