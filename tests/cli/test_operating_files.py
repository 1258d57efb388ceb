"""What a grid leaves behind: whole files, and a page that follows from the table alone."""

from pathlib import Path

import polars as pl
import pytest

from design.operating_samples import PROTOCOL, ask
from equipoise.cli import operating_files
from equipoise.cli.operating_files import PAGE, TABLE, render_page, write_page, write_table
from equipoise.design.operating_cells import run_cell
from equipoise.design.operating_table import OPERATING_SCHEMA, Answer, Origin, build_table
from equipoise.simulate.trial_model import Run

ANSWERS = [
    Answer(question=question, tally=run_cell(question, run=Run(seed=1, trials=40, workers=1)))
    for question in ask("subjects=30,40", "hazard_ratio=0.5,0.7")
]
DONE = build_table(ANSWERS, origin=Origin(seed=1, protocol="p", program="0.1.0 x"))
AXES = ["subjects", "hazard_ratio"]


def test_a_table_is_read_back_as_it_was(tmp_path: Path) -> None:
    write_table(DONE, folder=tmp_path / "new" / "folder")

    found = pl.read_parquet(tmp_path / "new" / "folder" / TABLE)
    assert found.equals(DONE)
    assert dict(found.schema) == OPERATING_SCHEMA


def test_a_page_follows_from_the_table_that_was_kept(tmp_path: Path) -> None:
    write_table(DONE, folder=tmp_path)

    again = render_page(pl.read_parquet(tmp_path / TABLE), axes=AXES, protocol=PROTOCOL)

    assert again == render_page(DONE, axes=AXES, protocol=PROTOCOL)
    assert "power-1" in again
    assert "heat-logrank-1" in again


def test_other_numbers_have_another_digest() -> None:
    other = DONE.with_columns(pl.lit(0.0).alias("power"))

    pages = [render_page(table, axes=AXES, protocol=PROTOCOL) for table in (DONE, other)]

    digests = [page.split("digest ")[1][:64] for page in pages]
    assert digests[0] != digests[1]


def test_a_page_that_cannot_be_made_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_page(DONE, axes=AXES, protocol=PROTOCOL, folder=tmp_path)
    before = (tmp_path / PAGE).read_bytes()

    def fail(*_: object, **__: object) -> str:
        raise MemoryError

    monkeypatch.setattr(operating_files, "render_page", fail)
    with pytest.raises(MemoryError):
        write_page(DONE, axes=AXES, protocol=PROTOCOL, folder=tmp_path)

    assert (tmp_path / PAGE).read_bytes() == before


def test_nothing_unfinished_is_left(tmp_path: Path) -> None:
    write_table(DONE, folder=tmp_path)
    write_page(DONE, axes=AXES, protocol=PROTOCOL, folder=tmp_path)

    assert sorted(file.name for file in tmp_path.iterdir()) == [PAGE, TABLE]
