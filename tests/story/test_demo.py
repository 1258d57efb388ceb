"""The whole way in one command, and the promise of the data cut."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from equipoise.capture.folder_read import read_folder
from equipoise.cli.main import main
from equipoise.cli.trial_run import run_trial, write_report
from equipoise.derive.cut import cut_dates
from equipoise.protocol.parse import shipped_protocol


@pytest.fixture(name="demo", scope="module")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """The demo, run once: what it printed, and its folder."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    return CliRunner().invoke(main, ["demo", "--no-site", "--output", str(folder)]), folder


def test_the_demo_ends_with_the_headline_and_the_path_of_the_report(
    demo: tuple[Result, Path],
) -> None:
    done, folder = demo

    assert done.exit_code == 0, done.output
    assert "Progression-free survival at 12 months was" in done.output
    assert str((folder / "report-DC1.html").resolve()) in done.output
    for cut in ("DC1", "DC2"):
        page = (folder / f"report-{cut}.html").read_text(encoding="utf-8")
        assert "no patient stands behind" in page.lower()
        assert "<script" not in page
        assert 'src="http' not in page


def test_the_demo_writes_a_page_a_subject_that_says_it_is_rehearsed(
    demo: tuple[Result, Path],
) -> None:
    for cut in ("DC1", "DC2"):
        pages = list((demo[1] / f"report-{cut}-subjects").glob("*.html"))
        assert len(pages) == 88
        for page in pages:
            html = page.read_text(encoding="utf-8")
            assert "No patient stands behind" in html
            assert f"../report-{cut}.html#home" in html


def test_overall_survival_is_marked_immature_at_the_first_cut_only(
    demo: tuple[Result, Path],
) -> None:
    folder = demo[1]
    first = (folder / "report-DC1.html").read_text(encoding="utf-8")
    last = (folder / "report-DC2.html").read_text(encoding="utf-8")

    assert "Overall survival is planned for data cut DC2" in first
    assert "Overall survival is planned for data cut DC2" not in last


def test_entries_later_than_the_cut_change_no_byte_of_the_report(tmp_path: Path) -> None:
    """Everything dated after DC1 is taken out of the files; the report is the same file."""
    protocol = shipped_protocol()
    data = tmp_path / "data"
    CliRunner().invoke(main, ["rehearse", str(data), "--seed", "3"])
    whole = read_folder(data, protocol).trial
    cutoff = cut_dates(whole.frames, protocol, cut="DC1")["cutoff_date"][0]
    before = _report(data, tmp_path / "before" / "report.html")

    assert _drop_later(data, cutoff) > 100
    after = _report(data, tmp_path / "after" / "report.html")

    assert before == after
    assert _pages(tmp_path / "before") == _pages(tmp_path / "after")


def _pages(folder: Path) -> dict[str, bytes]:
    """The pages of the subjects beside the report of a folder."""
    return {file.name: file.read_bytes() for file in (folder / "report-subjects").iterdir()}


def _report(data: Path, file: Path) -> bytes:
    protocol = shipped_protocol()
    trial = read_folder(data, protocol).trial
    write_report(run_trial(trial, protocol, cut="DC1", folder=data), protocol, output=file)
    return file.read_bytes()


def _drop_later(data: Path, cutoff: date) -> int:
    """Rewrites the files without the rows dated after the cut; returns how many went."""
    dropped = 0
    for form in shipped_protocol().form:
        file = data / f"{form.form}.csv"
        rows = pl.read_csv(file, infer_schema=False)
        if form.date_item:
            day = pl.col(form.date_item)
            kept = rows.filter(day.is_null() | (day <= cutoff.isoformat()))
            dropped += rows.height - kept.height
            kept.write_csv(file)
    return dropped
