"""The report draws what the plan asks for, and nothing that is not there."""

from dataclasses import replace

from equipoise.analysis.result import Estimate
from equipoise.protocol.endpoint_model import Analysis
from equipoise.report.facts import Facts, analyses_of
from equipoise.report.method_figures import (
    build_method_figures,
    build_sensitivity_figures,
    name_figures,
    origin_of,
)
from equipoise.report.page import Figure, Report, blocks_of
from report.svg_reading import named_of, outside_of, overlaps_of, texts_of


def figures_of(report: Report) -> dict[str, Figure]:
    """The figures of the report by id."""
    return {block.id: block for block in blocks_of(report) if isinstance(block, Figure)}


def asked(facts: Facts, *, method: str) -> Analysis:
    """A sensitivity analysis of the primary endpoint by a method."""
    first = facts.protocol.analysis[0]
    return first.model_copy(update={"id": method, "method": method, "role": "sensitivity"})


def test_the_report_draws_means_courses_and_stacks(report: Report) -> None:
    drawn = set(figures_of(report))
    assert {"mean-pfs", "course-pfs", "stacked-lc", "mean-os", "course-os"} <= drawn
    assert "stacked-lc_removed" not in drawn  # that of a sensitivity analysis


def test_every_figure_has_title_description_and_words_apart(report: Report) -> None:
    for name, figure in figures_of(report).items():
        title, description = named_of(figure.svg)
        assert title, name
        assert len(description) > 20, name
        assert overlaps_of(figure.svg) == [], name
        assert outside_of(figure.svg) == [], name


def test_the_forest_of_analyses_has_a_row_each_and_the_main_one_stands_out(facts: Facts) -> None:
    main, result = next(p for p in analyses_of(facts, endpoint="pfs") if p[0].method == "cox")
    told = replace(result, estimate=Estimate(value=0.8, lower=0.5, upper=1.3), p_value=0.2)
    planned = [(main, told), *[(asked(facts, method="cox"), told)] * 3]
    names = ["as planned", "other rule", "third", "fourth"]
    (figure,) = build_sensitivity_figures(facts, planned=planned, names=names)
    assert figure.id == "side-by-side-cox"
    texts = texts_of(figure.svg)
    assert {"Analysis", *names} <= set(texts)
    assert texts.count("0.80 (0.50 to 1.30)") == 4
    bold = [line for line in figure.svg.split("<text") if 'font-weight="bold"' in line]
    assert ["as planned" in line for line in bold] == [True]


def test_the_layers_are_named_by_the_protocol(report: Report) -> None:
    words = " ".join(texts_of(figures_of(report)["stacked-lc"].svg))
    assert "Death without local failure" in words
    assert "Local failure of index lesions" in words


def test_a_result_without_estimate_has_no_figure_of_its_own(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    bare = [(a, replace(r, estimate=None, parts=())) for a, r in analyses_of(facts, endpoint="pfs")]
    assert build_method_figures(facts, endpoint=endpoint, planned=bare) == ()
    assert name_figures(()) == ""


def test_too_few_rows_make_no_forest(facts: Facts) -> None:
    planned = [p for p in analyses_of(facts, endpoint="pfs") if p[0].method == "cox"][:2]
    assert list(build_sensitivity_figures(facts, planned=planned, names=["a", "b"])) == []


def test_a_tipping_point_and_sites_left_out_are_drawn(facts: Facts) -> None:
    whole = facts.results.results["pfs_milestone"]
    told = replace(whole, estimate=Estimate(value=0.2, lower=0.1, upper=0.3), p_value=0.01)
    tips = replace(told, parts=tuple(replace(told, name=f"pfs@{f}") for f in (1, 2)))
    sites = replace(told, parts=tuple(replace(told, name=f"x/without S{i}") for i in (1, 2, 3)))
    planned = [
        (asked(facts, method="tipping_point"), tips),
        (asked(facts, method="leave_one_site_out"), sites),
    ]
    figures = list(build_sensitivity_figures(facts, planned=planned, names=["tip", "sites"]))
    assert [figure.id for figure in figures] == [
        "tipping-tipping_point",
        "sites-leave_one_site_out",
    ]
    assert "No factor tips the conclusion" in texts_of(figures[0].svg)
    assert {"All sites", "without site S1", "without site S3"} <= set(texts_of(figures[1].svg))


def test_the_origin_of_an_unknown_anchor_is_the_start(facts: Facts) -> None:
    endpoint = facts.protocol.endpoint_named("pfs")
    assert origin_of(facts, endpoint=endpoint) == "randomisation"
    assert (
        origin_of(facts, endpoint=endpoint.model_copy(update={"origin": "nowhere"})) == "the start"
    )
