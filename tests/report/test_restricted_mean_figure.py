"""The figure of restricted means shades what lies between the curves, up to the horizon."""

from dataclasses import replace

from equipoise.analysis.result import Estimate
from equipoise.report.figures.restricted_mean import render_restricted_mean
from equipoise.report.figures.steps import Look
from report.small_curves import SURVIVAL, curve_of, result_of, told_of
from report.svg_reading import ids_of, named_of, overlaps_of, read_svg, references_of, texts_of

LOOK = Look(figure_id="mean", labels={"A": "Control", "B": "SBRT"})
GAIN = Estimate(value=2.5, lower=0.3, upper=4.7)
AREA = "FillBetween"


def rmst_of(*, at: float = 12.0, ratio: bool = False) -> str:
    """The figure of two curves compared up to a time."""
    measure = "rmst_ratio" if ratio else "rmst_difference"
    result = told_of(SURVIVAL, at=at, measure=measure, estimate=GAIN)
    return render_restricted_mean(result, look=LOOK)


def test_the_means_and_their_difference_are_told_above() -> None:
    said = "Mean up to 12 months: 0.5 v 0.8; difference 2.5 (95% CI 0.3 to 4.7), p\u00a0=\u00a00.10"
    svg = rmst_of()
    assert said in texts_of(svg)
    assert said in named_of(svg)[1]
    assert overlaps_of(svg) == []


def test_a_ratio_of_means_is_called_one() -> None:
    assert any(
        "ratio 2.50 (95% CI 0.30 to 4.70)" in words for words in texts_of(rmst_of(ratio=True))
    )


def test_the_area_is_shaded_in_the_tone_of_the_upper_curve() -> None:
    svg = rmst_of()
    assert svg.count(f'id="mean-{AREA}') == 2
    assert svg.count("<pattern") == 1  # the curve of B is never below that of A
    assert references_of(svg) <= set(ids_of(svg))


def test_the_upper_arm_changes_where_the_curves_cross() -> None:
    crossing = (
        curve_of("A", steps=((0, 1), (4, 0.8), (20, 0.7))),
        curve_of("B", steps=((0, 1), (2, 0.9), (8, 0.5), (20, 0.4))),
    )
    told = told_of(crossing, measure="rmst_difference", estimate=GAIN)
    assert render_restricted_mean(told, look=LOOK).count("<pattern") == 2


def test_the_area_ends_at_the_longest_of_several_times() -> None:
    parts = tuple(
        told_of(SURVIVAL, at=at, measure="rmst_difference", estimate=GAIN) for at in (6.0, 15.0)
    )
    texts = texts_of(render_restricted_mean(replace(parts[0], parts=parts), look=LOOK))
    assert any(words.startswith("Mean up to 6 months") for words in texts)
    assert any(words.startswith("Mean up to 15 months") for words in texts)
    last = replace(parts[0], parts=parts, at=6.0)
    alone = replace(parts[1], parts=())
    ends = [
        render_restricted_mean(r, look=LOOK).split(AREA)[1].split("z")[0] for r in (last, alone)
    ]
    assert ends[0] == ends[1]


def test_of_one_arm_the_area_below_its_curve_is_shaded() -> None:
    svg = render_restricted_mean(told_of(SURVIVAL[:1], measure="rmst_difference"), look=LOOK)
    assert svg.count(f'id="mean-{AREA}') == 1


def test_of_three_arms_no_area_is_shaded() -> None:
    third = curve_of("C", steps=((0, 1), (5, 0.5)))
    svg = render_restricted_mean(replace(result_of((*SURVIVAL, third)), at=9.0), look=LOOK)
    assert AREA not in svg
    read_svg(svg)


def test_a_result_without_curves_says_so() -> None:
    assert "No row to draw" in texts_of(render_restricted_mean(result_of(()), look=LOOK))


def test_the_same_result_gives_the_same_bytes() -> None:
    assert rmst_of() == rmst_of()
