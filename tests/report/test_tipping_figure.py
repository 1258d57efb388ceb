"""The tipping point figure shows from which factor on the conclusion no longer stands."""

from collections.abc import Sequence
from dataclasses import replace

from equipoise.analysis.result import Estimate, Result
from equipoise.report.figures.tipping import (
    TippingLook,
    describe_tipping_point,
    factor_named,
    render_tipping_point,
)
from report.small_curves import SURVIVAL, result_of
from report.svg_reading import named_of, outside_of, overlaps_of, texts_of

LOOK = TippingLook(figure_id="tip", y_label="Difference, percentage points")


def tipping_of(p_values: Sequence[float | None], *, measure: str = "survival_difference") -> Result:
    """A part a factor (1, 1.5, 2, ...) with these p values."""
    base = replace(result_of(SURVIVAL), measure=measure)
    parts = tuple(
        replace(
            base,
            name=f"pfs@{1 + place / 2:g}",
            p_value=p,
            estimate=Estimate(value=0.3 - place / 20, lower=0.1 - place / 20, upper=0.5),
        )
        for place, p in enumerate(p_values)
    )
    tipped = [part for part in parts if part.p_value is None or part.p_value >= 0.05]
    point = float(factor_named(tipped[0])) if tipped else None
    return replace(
        parts[0] if parts else base,
        name="pfs",
        further={"tipping_point": Estimate(value=point)},
        parts=parts,
    )


def test_each_factor_has_its_p_and_significant_ones_are_filled() -> None:
    svg = render_tipping_point(tipping_of((0.01, 0.04, 0.08)), look=LOOK)
    assert {"1", "1.5", "2", "0.01", "0.04", "0.08"} <= set(texts_of(svg))
    assert svg.count('fill="#0072B2" stroke') == 2
    assert svg.count('fill="white" stroke="#0072B2"') == 1


def test_the_factor_that_tips_is_told_and_marked() -> None:
    svg = render_tipping_point(tipping_of((0.01, 0.04, 0.08)), look=LOOK)
    assert "Tips at 2" in texts_of(svg)
    assert svg.count('stroke-dasharray="4 2.5"') == 1


def test_where_no_factor_tips_it_is_said() -> None:
    svg = render_tipping_point(tipping_of((0.01, 0.02)), look=LOOK)
    assert "No factor tips the conclusion" in texts_of(svg)
    assert "stroke-dasharray" not in svg


def test_without_a_significant_result_nothing_tips() -> None:
    svg = render_tipping_point(tipping_of((0.3, 0.4)), look=LOOK)
    assert "There is no significant result to tip" in texts_of(svg)
    assert "stroke-dasharray" not in svg


def test_a_difference_of_probabilities_stands_in_points() -> None:
    texts = texts_of(render_tipping_point(tipping_of((0.01, 0.2)), look=LOOK))
    assert "20" in texts
    assert "Difference, percentage points" in texts


def test_a_ratio_stands_on_a_ratio_scale() -> None:
    texts = texts_of(
        render_tipping_point(tipping_of((0.01, 0.2), measure="hazard_ratio"), look=LOOK)
    )
    assert {"1", "1/2", "1/4"} <= set(texts)


def test_the_factors_are_told_in_words() -> None:
    words = named_of(render_tipping_point(tipping_of((0.01, 0.2)), look=LOOK))[1]
    assert words.startswith("Hazard after a censoring times 1: 30.0 (10.0 to 50.0), p")
    assert words.endswith("Tips at 1.5.")


def test_without_an_estimate_there_is_no_figure() -> None:
    result = tipping_of((None, None))
    bare = tuple(replace(part, estimate=Estimate(value=None)) for part in result.parts)
    assert render_tipping_point(replace(result, parts=bare), look=LOOK) == ""
    assert render_tipping_point(tipping_of(()), look=LOOK) == ""
    assert describe_tipping_point(tipping_of(())) == "Nothing to draw."


def test_many_factors_and_an_estimate_without_limits_leave_room_for_each_word() -> None:
    result = tipping_of([0.01 + place / 50 for place in range(14)])
    first = replace(result.parts[0], estimate=Estimate(value=0.2))
    svg = render_tipping_point(replace(result, parts=(first, *result.parts[1:])), look=LOOK)
    assert overlaps_of(svg) == []
    assert outside_of(svg) == []
    assert render_tipping_point(result, look=LOOK) == render_tipping_point(result, look=LOOK)
