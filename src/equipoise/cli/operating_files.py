"""What a grid leaves in its folder: a Parquet file and a page, each whole or as it was before."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import polars as pl

import equipoise
from equipoise.protocol.model import Protocol

TABLE, PAGE = "operating.parquet", "operating.html"


def write_table(table: pl.DataFrame, *, folder: Path) -> None:
    """Writes the table of a grid."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{TABLE}.part"
    table.write_parquet(unfinished)
    unfinished.replace(folder / TABLE)


def write_page(
    table: pl.DataFrame, *, axes: Sequence[str], protocol: Protocol, folder: Path
) -> None:
    """Writes the page of a grid, in which `axes` were asked to vary."""
    unfinished = folder / f"{PAGE}.part"
    unfinished.write_text(render_page(table, axes=axes, protocol=protocol), encoding="utf-8")
    unfinished.replace(folder / PAGE)


def render_page(table: pl.DataFrame, *, axes: Sequence[str], protocol: Protocol) -> str:
    """The page of a grid as HTML; its stamp has the digest of the table."""
    from equipoise.report.operating.page import build_operating_page
    from equipoise.report.operating.slices import build_grid
    from equipoise.report.render_html import render_html
    from equipoise.report.stamp import build_stamp

    digest = hashlib.sha256(table.write_json().encode()).hexdigest()
    seed: int = table["seed"][0]
    stamp = build_stamp(protocol, data_digest=digest, code_version=equipoise.__version__, seed=seed)
    grid = build_grid(table, axes=axes)
    return render_html(build_operating_page(grid, protocol=protocol, stamp=stamp))
