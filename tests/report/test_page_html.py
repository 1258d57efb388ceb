"""The page stands alone, reads without seeing it, and escapes what it is given."""

import re
from dataclasses import replace
from itertools import pairwise

from equipoise.report.build import build_from
from equipoise.report.facts import Facts
from equipoise.report.page import Figure, Fold, Report, Section, Text, blocks_of
from equipoise.report.render_html import render_html
from equipoise.report.shell import Column, Row, Shell, Table, fill
from report.page_reading import read_page
from report.trial_values import build_small_trial, facts_of


def test_every_element_is_closed_where_it_was_opened(html: str) -> None:
    assert read_page(html).broken == []


def test_the_page_asks_for_nothing_from_outside(html: str) -> None:
    page = read_page(html)
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    places = [a[k] for _, a in page.tags for k in ("href", "src", "xlink:href") if k in a]
    assert all(place.startswith("#") for place in places)
    assert "@import" not in html
    assert "@font-face" not in html
    assert re.findall(r"url\((?!#)", html) == []


def test_no_event_handler_is_in_the_page(html: str) -> None:
    names = {name for _, attributes in read_page(html).tags for name in attributes}
    assert not any(name.startswith("on") for name in names)


def test_ids_are_unique_and_every_link_within_the_page_is_found(html: str) -> None:
    page = read_page(html)
    assert len(page.ids) == len(set(page.ids))
    links = {a[k][1:] for _, a in page.tags for k in ("href", "xlink:href") if k in a}
    links |= set(re.findall(r"url\(#([^)]+)\)", html))
    assert links <= set(page.ids)


def test_the_same_facts_give_the_same_bytes(facts: Facts, html: str) -> None:
    assert render_html(build_from(facts)) == html


def test_the_order_of_rows_changes_no_byte(html: str) -> None:
    trial = build_small_trial()
    frames = trial.frames
    turned = replace(
        frames,
        subjects=frames.subjects.reverse(),
        times=frames.times.reverse(),
        assessments=frames.assessments.reverse(),
        occurrences=frames.occurrences.reverse(),
        worst_grades=frames.worst_grades.reverse(),
        exposure=frames.exposure.reverse(),
        sbrt=frames.sbrt.reverse(),
        later_lines=frames.later_lines.reverse(),
        flow=frames.flow.reverse(),
    )
    mixed = replace(trial, frames=turned, allocations=trial.allocations.reverse())
    assert render_html(build_from(facts_of(mixed))) == html


def test_figures_have_a_name_and_a_description_for_those_who_cannot_see(html: str) -> None:
    page = read_page(html)
    for drawing in page.attributes_of("svg"):
        assert drawing["role"] == "img"
        for name in drawing["aria-labelledby"].split():
            assert name in page.ids


def test_every_table_has_a_caption_and_every_row_a_head(html: str, report: Report) -> None:
    page = read_page(html)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("table") == tags.count("caption")
    tables = [block for block in blocks_of(report) if isinstance(block, Table)]
    rows = sum(len(table.rows) for table in tables)
    heads = [a for a in page.attributes_of("th") if a.get("scope") in {"row", "rowgroup"}]
    assert len(heads) == rows + len(report.stamp_lines)


def test_headings_go_down_one_step_at_a_time(html: str) -> None:
    levels = [int(tag[1]) for tag, _ in read_page(html).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_the_page_says_its_language_and_its_letters(html: str) -> None:
    assert html.lstrip().startswith("<!DOCTYPE html>")
    page = read_page(html)
    assert page.attributes_of("html")[0]["lang"] == "en"
    assert {"charset": "utf-8"} in page.attributes_of("meta")


def test_question_answer_and_stamp_stand_on_the_page(html: str, report: Report) -> None:
    text = read_page(html).text
    assert report.question in text
    assert " ".join(report.answer.split()) in " ".join(text.split())
    assert report.stamp.protocol_fingerprint in text
    assert report.stamp.data_digest in text


def test_every_number_of_the_report_value_is_on_the_page(html: str, report: Report) -> None:
    text = " ".join(read_page(html).text.split())
    for block in blocks_of(report):
        if isinstance(block, Table):
            for row in block.rows:
                assert all(" ".join(cell.split()) in text for cell in row.cells)


def test_folds_are_marked_so_that_appendices_stay_closed_in_print(html: str) -> None:
    folds = read_page(html).attributes_of("details")
    assert {"class": "appendix"} in folds
    assert {} in folds


def with_section(report: Report, *blocks: Text | Table | Figure | Fold) -> Report:
    """The report with one section of these blocks only."""
    return replace(report, sections=(Section(id="one", title="One & <only>", blocks=blocks),))


def test_markup_in_any_text_is_shown_and_not_run(report: Report) -> None:
    evil = "<script>alert('x')</script> & \"quoted\""
    shell = Shell(id="t", title=evil, columns=(Column(heading=evil),), footnotes=(evil,))
    table = fill(shell, rows=(Row(cells=(evil,)), Row(cells=(evil,), heading=True)))
    page = replace(
        with_section(
            report, Text(words=evil), table, Fold(summary=evil, blocks=(Text(words=evil),))
        ),
        title=evil,
        answer=evil,
        question=evil,
        subtitle=evil,
        notice=evil,
        caveats=(evil,),
        trial=evil,
        stamp_lines=((evil, evil),),
    )
    html = render_html(page)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    read = read_page(html)
    assert read.broken == []
    assert read.text.count("alert('x')") >= 12


def test_an_empty_table_says_why_it_is_empty(report: Report) -> None:
    table = fill(Shell(id="t", title="T", columns=(), empty="Nothing yet."), rows=())
    assert "Nothing yet." in read_page(render_html(with_section(report, table))).text


def test_a_report_without_caveats_and_key_figures_is_a_page(report: Report) -> None:
    bare = replace(report, caveats=(), key_figures=(), sections=(), notice="")
    assert read_page(render_html(bare)).broken == []
