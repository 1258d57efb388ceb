"""Data cuts of a site, and reports from them with the source of the stamp taken out."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polars as pl
from click.testing import CliRunner

from equipoise.capture.folder_write import write_folder
from equipoise.capture.trial import TrialData
from equipoise.cli.main import main
from equipoise.cli.trial_run import load_trial, run_trial, write_rehearsal, write_report
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.stamp import list_stamp, write_stamp
from equipoise.store.demo import Demo, rehearse_demo
from equipoise.store.embedded import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """The pages of a report by name without their source, that source, the digest of the data."""

    pages: dict[str, str]
    source: str
    data_digest: str


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


def write_rehearsed(demo: Demo, numbers: Mapping[str, str], *, folder: Path) -> None:
    """The rehearsal that fills a site as a folder that saw no database; subjects by `numbers`."""
    drawn = rehearse_demo(demo)
    trial = TrialData(
        frames={name: _renamed(frame, numbers) for name, frame in drawn.frames.items()},
        allocations=_renamed(drawn.allocations, numbers),
    )
    write_folder(trial, demo.protocol, folder=folder)
    write_rehearsal(folder, scenario=demo.scenario, seed=demo.seed, fingerprint="")


def _renamed(frame: pl.DataFrame, numbers: Mapping[str, str]) -> pl.DataFrame:
    return frame.with_columns(pl.col("subject").replace(dict(numbers)))


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
    return Reported(pages=pages, source=source, data_digest=done.stamp.data_digest)
