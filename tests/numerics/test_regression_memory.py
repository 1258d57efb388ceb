"""What regressions with strata, clusters and late entry take beyond their columns."""

import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from equipoise.numerics.competing.fine_gray import estimate_fine_gray
from equipoise.numerics.competing.fine_gray_design import Censoring
from equipoise.numerics.hazards.cox import Sampling, estimate_cox
from equipoise.numerics.streams import draw_uniforms


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A trial with times that hardly tie: what a regression takes most for."""

    time: NDArray[np.float64]
    cause: NDArray[np.int64]
    x: NDArray[np.float64]
    stratum: NDArray[np.int64]
    cluster: NDArray[np.int64]
    entry: NDArray[np.float64]
    weight: NDArray[np.float64]


def drawn(n: int) -> Rows:
    row = np.arange(n, dtype=np.int64)
    u = draw_uniforms(11, replicate=0 * row, subject=row, purpose=1, count=7)
    time = -500 * np.log(u[:, 0])
    entry = np.where(u[:, 1] < 0.5, -1.0, 0.3 * time * u[:, 2])
    return Rows(
        time=time,
        cause=np.floor(3 * u[:, 3]).astype(np.int64),
        x=np.column_stack([np.floor(2 * u[:, 4]), u[:, 5], u[:, 6], u[:, 2]]),
        stratum=np.floor(4 * u[:, 6]).astype(np.int64),
        cluster=row // 2,
        entry=entry,
        weight=0.5 + u[:, 5],
    )


def cox(rows: Rows, stratum: NDArray[np.int64] | None = None, **sampling: object) -> object:
    return estimate_cox(
        rows.time,
        event=rows.cause == 1,
        covariates=rows.x,
        stratum=stratum,
        sampling=Sampling(**sampling),  # type: ignore[arg-type]
    )


def fine_gray(rows: Rows, stratum: NDArray[np.int64] | None = None, **sampling: object) -> object:
    return estimate_fine_gray(
        rows.time,
        cause=rows.cause,
        covariates=rows.x,
        stratum=stratum,
        sampling=Sampling(**sampling),  # type: ignore[arg-type]
        censoring=Censoring(counted="entry" not in sampling),
    )


FITS: dict[str, tuple[int, Callable[[Rows], object]]] = {
    "robust": (6, lambda rows: cox(rows, robust=True)),
    "clusters": (7, lambda rows: cox(rows, cluster=rows.cluster)),
    "strata": (7, lambda rows: cox(rows, rows.stratum)),
    "late entry": (7, lambda rows: cox(rows, entry=rows.entry)),
    "weights": (7, lambda rows: cox(rows, weight=rows.weight)),
    "Fine-Gray, clusters": (7, lambda rows: fine_gray(rows, cluster=rows.cluster)),
    "Fine-Gray, strata": (7, lambda rows: fine_gray(rows, rows.stratum)),
    "Fine-Gray, late entry": (7, lambda rows: fine_gray(rows, entry=rows.entry)),
    "Fine-Gray, weights": (7, lambda rows: fine_gray(rows, weight=rows.weight)),
}


@pytest.mark.parametrize("name", FITS)
def test_a_regression_takes_no_more_than_twice_its_columns_however_asked(name: str) -> None:
    """Counted without what kernels take inside; results, and the rows that a fit keeps, with it."""
    many, fit = FITS[name]
    fit(drawn(100))
    rows = drawn(30_000)
    tracemalloc.start()
    try:
        fit(rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2 * 8 * rows.time.size * many
