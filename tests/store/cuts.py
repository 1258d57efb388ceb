"""Data cuts of a site, and reports from them with the source of the stamp taken out."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
from click.testing import CliRunner

from equipoise.cli.main import main
from equipoise.cli.trial_run import load_trial, run_trial, write_report
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.stamp import list_stamp, write_stamp
from equipoise.store.embedded import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The pages of a report by name without their source, and that source."""

    pages: dict[str, str]
    source: str


def cut_site(
    server: Server, folder: Path, *, reader: str, with_arms: bool = False, upto: int = 0
) -> dict[str, Any]:
    """What `equipoise cut` says; AssertionError with its words where it refuses."""
    words = ["cut", str(folder), "--reader", reader, "--json"]
    words += ["--allocations"] if with_arms else []
    words += ["--upto", str(upto)] if upto else []
    with patch.dict(os.environ, {"DATABASE_URL": server.application_url}):
        done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def renamed(frame: pl.DataFrame, numbers: dict[str, str]) -> pl.DataFrame:
    """A frame with the subjects by their numbers at the site."""
    return frame.with_columns(pl.col("subject").replace(numbers))


def report_of(folder: Path, *, cut: str = "") -> Reported:
    """The report of a folder and its pages; its stamp differs from another in nothing else."""
    protocol = shipped_protocol()
    trial, findings = load_trial(folder, protocol)
    assert findings == ()
    done = run_trial(trial, protocol, cut=cut, folder=folder)
    file = folder.parent / f"report-of-{folder.name}" / "report.html"
    write_report(done, protocol, output=file)
    name, source = list_stamp(done.stamp)[1]
    short = write_stamp(done.stamp).split(" \u00b7 ")[1]
    pages = {}
    for page in (file, *(file.parent / "report-subjects").iterdir()):
        text = page.read_text(encoding="utf-8")
        assert source in text
        pages[page.name] = text.replace(source, "SOURCE").replace(short, "SOURCE")
        pages[page.name] = pages[page.name].replace(f">{name}<", ">SOURCE<")
    return Reported(pages=pages, source=source)
