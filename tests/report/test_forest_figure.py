"""The forest shows each estimate on a ratio scale, and says what it cannot show."""

from equipoise.analysis.result import Estimate
from equipoise.report.figures.forest import ForestLook, ForestRow, render_forest
from report.svg_reading import ids_of, named_of, overlaps_of, read_svg, texts_of

LOOK = ForestLook(counts=("Control", "SBRT"), favours_low="favours SBRT", favours_high="favours no")


def row_of(value: float | None, *, label: str = "induced", level: int = 1) -> ForestRow:
    """A row with an interval of a factor of two on each side."""
    estimate = (
        Estimate(value=None)
        if value is None
        else Estimate(value=value, lower=value / 2, upper=value * 2)
    )
    return ForestRow(
        label=label, level=level, counts=("12/20", "9/21"), events=21, estimate=estimate
    )


def test_each_row_says_its_label_its_counts_and_its_estimate() -> None:
    texts = texts_of(render_forest([row_of(0.5)], look=LOOK))
    assert {"induced", "12/20", "9/21", "0.50 (0.25 to 1.00)"} <= set(texts)
    assert {"Subgroup", "Control", "SBRT", "p, interaction"} <= set(texts)


def test_both_sides_say_whom_they_favour() -> None:
    texts = texts_of(render_forest([row_of(0.5)], look=LOOK))
    assert "← favours SBRT" in texts
    assert "favours no →" in texts


def test_a_heading_has_the_p_of_interaction_and_no_estimate() -> None:
    rows = [ForestRow(label="IMDC risk", heading=True, p="0.43"), row_of(0.5)]
    texts = texts_of(render_forest(rows, look=LOOK))
    assert "0.43" in texts
    assert texts.count("not estimable") == 0


def test_a_level_without_an_estimate_says_so() -> None:
    assert "not estimable" in texts_of(render_forest([row_of(None)], look=LOOK))


def test_the_scale_widens_until_every_estimate_is_on_it() -> None:
    assert "0.25" in texts_of(render_forest([row_of(0.9)], look=LOOK))
    assert "0.125" not in texts_of(render_forest([row_of(0.9)], look=LOOK))
    assert "0.125" in texts_of(render_forest([row_of(0.15)], look=LOOK))
    assert "16" in texts_of(render_forest([row_of(12)], look=LOOK))


def test_an_interval_beyond_the_scale_ends_in_an_arrow() -> None:
    wide = ForestRow(label="few", events=2, estimate=Estimate(value=1.0, lower=0.001, upper=900.0))
    assert render_forest([wide], look=LOOK).count("<polygon") > render_forest(
        [row_of(1.0)], look=LOOK
    ).count("<polygon")


def test_an_estimate_without_limits_is_drawn_as_a_point() -> None:
    point = ForestRow(label="few", events=2, estimate=Estimate(value=0.8))
    assert "0.80" in texts_of(render_forest([point], look=LOOK))


def test_an_estimate_far_beyond_every_scale_is_still_told() -> None:
    svg = render_forest([row_of(500.0)], look=LOOK)
    assert "500.00 (250.00 to 1000.00)" in texts_of(svg)
    assert svg.count("<polygon") == 1  # the arrow, and no square that would stand at a wrong place


def test_the_forest_is_told_in_words() -> None:
    title, description = named_of(render_forest([row_of(0.5)], look=LOOK))
    assert title == "Hazard ratio by subgroup"
    assert "induced: 0.50 (0.25 to 1.00)" in description


def test_a_forest_without_rows_is_a_figure_that_says_so() -> None:
    assert "No row to draw" in named_of(render_forest([], look=LOOK))[1]


def test_the_same_rows_give_the_same_bytes_and_ids_of_their_own() -> None:
    first = render_forest([row_of(0.5)], look=LOOK)
    assert render_forest([row_of(0.5)], look=LOOK) == first
    assert all(name.startswith("forest-") for name in ids_of(first))


DIFFERENCE = ForestLook(measure="survival_difference", row_heading="Analysis", p_heading="p")


def test_a_difference_stands_on_an_even_scale_around_zero_in_points() -> None:
    row = ForestRow(label="all", estimate=Estimate(value=0.05, lower=-0.16, upper=0.24), p="0.66")
    texts = texts_of(render_forest([row], look=DIFFERENCE))
    assert {"5.0 (\u221216.0 to 24.0)", "Difference (95% CI)", "Analysis", "0.66"} <= set(texts)
    assert {"\u221220", "0", "20"} <= set(texts)


def test_differences_without_estimate_or_of_nothing_are_drawn() -> None:
    for estimate in (None, Estimate(value=None), Estimate(value=0.0)):
        read_svg(render_forest([ForestRow(label="all", estimate=estimate)], look=DIFFERENCE))


def test_a_label_of_two_lines_has_room_for_both() -> None:
    long = "Progression held in irradiated lesions alone"
    rows = [row_of(0.5, label=long), row_of(0.7, label=long), row_of(0.9)]
    svg = render_forest(rows, look=LOOK)
    assert "lesions alone" in texts_of(svg)
    assert overlaps_of(svg) == []


def test_a_long_label_with_markup_is_shortened_text() -> None:
    svg = render_forest([row_of(0.5, label="<script>" + "long " * 40)], look=LOOK)
    read_svg(svg)
    assert "<script>" not in svg
    assert any(text.endswith("…") for text in texts_of(svg))
