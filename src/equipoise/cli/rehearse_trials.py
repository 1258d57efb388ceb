"""`equipoise rehearse --trials`: many trials through the whole protocol, on all cores."""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

import click
import polars as pl

import equipoise
from equipoise.cli.output import FINDINGS, MISUSE, leave
from equipoise.cli.processes import hire_processes
from equipoise.design.operating_run import Rehearsing, run_rehearsing
from equipoise.design.operating_summary import Summary, summarise
from equipoise.design.whole_protocol import PlanRefusedError
from equipoise.protocol.fingerprint import fingerprint
from equipoise.simulate.setting import RehearsalRefusedError

ANSWERS, SUMMARY = "answers.parquet", "summary.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The answers of the trials as parts of a file, in a folder that goes when the run ends."""

    parts: Path

    def keep(self, rows: pl.DataFrame) -> None:
        """Writes the rows of the next trials."""
        number = sum(1 for _ in self.parts.iterdir())
        rows.write_parquet(self.parts / f"{number:08}.parquet")

    def finish(self, folder: Path, *, summary: dict[str, Any]) -> None:
        """Puts all answers and the summary into the folder, each file whole or not at all."""
        answers, told = self.parts / "all", self.parts / "told"
        pl.scan_parquet(self.parts / "*.parquet").sink_parquet(answers)
        told.write_text(json.dumps(summary, indent=2, allow_nan=False) + "\n", encoding="utf-8")
        answers.replace(folder / ANSWERS)
        told.replace(folder / SUMMARY)


def rehearse_trials(asked: Rehearsing, *, output: Path | None, workers: int) -> Summary:
    """The summary of the trials; with their answers also written to a folder, if one is named.

    A run that is broken off leaves no file.
    """
    try:
        with _kept(output) as kept, hire_processes(workers) as executor, _progress(asked) as tell:
            keep = kept.keep if kept else _forget
            summary = summarise(run_rehearsing(asked, executor=executor, keep=keep, tell=tell))
            if kept and output:
                kept.finish(output, summary=summary_values(summary, asked))
    except (PlanRefusedError, RehearsalRefusedError) as refusal:
        _refuse(str(refusal), FINDINGS)
    except BrokenProcessPool:
        _refuse("A worker ended before its time, as without memory: try fewer --workers.", FINDINGS)
    except OSError as refusal:
        _refuse(f"{output}: the answers cannot be written ({refusal.strerror})", MISUSE)
    return summary


def summary_values(summary: Summary, asked: Rehearsing) -> dict[str, Any]:
    """The summary as plain values for JSON, with what it was made from."""
    values = asdict(summary)
    lines = [{**each.pop("line"), **each} for each in values.pop("lines")]
    made = {
        "fingerprint": fingerprint(asked.protocol),
        "code_version": equipoise.__version__,
        "subjects": asked.protocol.randomisation.planned_subjects,
    }
    return {**made, **values, "lines": lines}


def _refuse(words: str, code: int) -> NoReturn:
    click.echo(words, err=True)
    leave(code)


def _forget(rows: pl.DataFrame) -> None:
    """Keeps nothing."""


@contextmanager
def _kept(output: Path | None) -> Iterator[Kept | None]:
    if output is None:
        yield None
        return
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".unfinished-", dir=output) as parts:
        yield Kept(parts=Path(parts))


@contextmanager
def _progress(asked: Rehearsing) -> Iterator[Callable[[int], None]]:
    label = f"Rehearsing {asked.trials} trials"
    with click.progressbar(length=asked.steps, label=label, file=sys.stderr) as bar:
        yield bar.update
