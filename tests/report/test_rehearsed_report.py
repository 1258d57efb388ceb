"""A rehearsed trial goes from protocol to page through the code that real data will take."""

from dataclasses import replace

import pytest

from equipoise.analysis.plan import run
from equipoise.derive.cut import cut_dates
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.build import build
from equipoise.report.page import Figure, Report, blocks_of
from equipoise.report.render_html import render_html
from equipoise.report.shell import Table
from equipoise.report.stamp import Stamp, build_stamp, digest_frames
from equipoise.simulate.rehearsal import rehearse
from report.page_reading import read_page


def report_of(*, seed: int, cut: str) -> Report:
    """The report of a trial rehearsed by scenario S2, as of a cut."""
    protocol = shipped_protocol()
    drawn = rehearse(protocol, scenario="S2", seed=seed)
    cutoffs = cut_dates(drawn.frames, protocol, cut=cut)
    datasets = derive_datasets(drawn.frames, protocol, cutoffs=cutoffs)
    stamp: Stamp = build_stamp(
        protocol,
        data_digest=digest_frames(drawn.frames, allocations=drawn.allocations),
        code_version="0",
        cut=cut,
        cutoff_date=cutoffs["cutoff_date"][0],
        seed=1,
    )
    return build(
        run(datasets, protocol=protocol, allocations=drawn.allocations),
        datasets=datasets,
        protocol=protocol,
        allocations=drawn.allocations,
        stamp=replace(stamp, scenario="S2", scenario_seed=seed),
    )


@pytest.fixture(scope="module")
def first() -> Report:
    """The report at the primary cut."""
    return report_of(seed=11, cut="DC1")


def test_the_page_of_a_rehearsed_trial_is_whole(first: Report) -> None:
    page = read_page(render_html(first))
    assert page.broken == []
    assert len(page.ids) == len(set(page.ids))
    assert "No patient stands behind any number of this report." in page.text


def test_the_answer_of_a_rehearsed_trial_has_both_arms(first: Report) -> None:
    assert first.answer.startswith("Progression-free survival at 12 months was ")
    assert "systemic therapy plus SBRT" in first.answer


def test_every_endpoint_with_curves_has_its_figure(first: Report) -> None:
    figures = {block.id for block in blocks_of(first) if isinstance(block, Figure)}
    assert {"curves-pfs", "curves-lc", "curves-os", "curves-ttnt", "forest-plot", "flow"} <= figures


def test_no_table_of_a_rehearsed_trial_is_empty(first: Report) -> None:
    empty = [b.id for b in blocks_of(first) if isinstance(b, Table) and not b.rows]
    assert empty == []


def test_every_entry_of_a_row_is_named_by_subject_and_form(first: Report) -> None:
    forms = {form.form for form in shipped_protocol().form}
    listing = next(b for b in blocks_of(first) if isinstance(b, Table) and b.id == "rows-pfs-ema")
    assert len(listing.rows) == 88
    for row in listing.rows:
        subject = row.cells[0].rsplit("/", 1)[1]
        entries = row.cells[8].split()
        assert entries
        assert all(entry.split("/")[0] == subject for entry in entries)
        assert {entry.split("/")[1] for entry in entries} <= forms


def test_the_same_seed_gives_the_same_page(first: Report) -> None:
    assert render_html(report_of(seed=11, cut="DC1")) == render_html(first)


def test_a_later_cut_knows_more_and_says_that_it_is_an_update(first: Report) -> None:
    later = report_of(seed=11, cut="DC2")
    assert "this is an update of it" in later.answer
    assert "this is an update of it" not in first.answer
