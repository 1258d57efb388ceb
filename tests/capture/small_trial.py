"""The reference trial's forms fed with small tables of text that a clinician can read."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import polars as pl

from equipoise.capture.folder_read import TrialRead, read_folder
from equipoise.capture.frames import empty_frames
from equipoise.capture.validate import Validated, validate_rows
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.vocab.finding import Finding, Severity


@cache
def protocol() -> Protocol:
    """The reference trial."""
    return shipped_protocol()


def table(text: str) -> pl.DataFrame:
    """A table of text: the first line names the columns, cells are parted by bars."""
    lines = [line.split("|") for line in text.strip().splitlines()]
    cells = [[cell.strip() for cell in line] for line in lines]
    return pl.DataFrame(cells[1:], schema=dict.fromkeys(cells[0], pl.String()), orient="row")


def rows(form: str, text: str) -> Validated:
    """What validation makes of a table of text for a form."""
    return validate_rows(
        protocol().form_named(form), raw=table(text), protocol=protocol(), where=f"{form}.csv"
    )


def trial(**texts: str) -> dict[str, pl.DataFrame]:
    """The frames of a trial with these tables, all of whose rows must be sound."""
    frames = empty_frames(protocol())
    for form, text in texts.items():
        read = rows(form, text)
        assert [str(f) for f in read.findings if f.severity is Severity.HARD] == []
        frames[form] = read.frame
    return frames


def folder(place: Path, files: Mapping[str, str | bytes]) -> TrialRead:
    """What reading a folder of these files gives."""
    place.mkdir(exist_ok=True)
    for name, data in files.items():
        (place / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return read_folder(place, protocol())


def told(findings: tuple[Finding, ...] | list[Finding]) -> list[tuple[str, str]]:
    """Where and code of each finding, without the remark that there are no allocations."""
    return [(f.where, f.code) for f in findings if f.code != "file-missing"]
