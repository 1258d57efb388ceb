"""Time of reading, checking and deriving trials with a fault in every hundredth measurement.

    python benchmarks/findings.py [MEASUREMENTS]

A million measurements are some 700 trials of 88 subjects. The figure to watch is the growth, which
should be linear in measurements: findings cost by the fault, not by the row.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

import polars as pl

from equipoise.capture.edit_checks import check_frames
from equipoise.capture.validate import validate_rows
from equipoise.derive.consistency import check_consistency
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import rehearse

Made = TypeVar("Made")
ROWS_A_TRIAL = 1_400
FAULTY_OF = 100  # one row in so many has a fault


def timed(name: str, make: Callable[[], Made], *, times: dict[str, float]) -> Made:
    """What `make` gives; its seconds are noted under `name`."""
    begun = time.perf_counter()
    made = make()
    times[name] = time.perf_counter() - begun
    return made


def spoil(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as text, every hundredth spoilt in one of five ways, some standing twice."""
    text = rows.drop("entry", "missing").with_columns(pl.all().cast(pl.String))
    text = text.with_row_index("place")
    fault = pl.when(pl.col("place") % FAULTY_OF == 0).then(pl.col("place") // FAULTY_OF % 5)
    spoilt = text.with_columns(
        mm=pl.when(fault == 0)
        .then(pl.lit("-") + pl.col("mm"))
        .when(fault == 1)
        .then((pl.col("mm").cast(pl.Float64) / 10).cast(pl.String))
        .otherwise("mm"),
        status=pl.when(fault == 2).then(pl.lit("mesured")).otherwise("status"),
        scan_date=pl.when(fault == 3).then(pl.lit("2019-01-01")).otherwise("scan_date"),
    )
    return pl.concat([spoilt, spoilt.filter(fault == 4)]).drop("place")


def time_measurements(wanted: int) -> dict[str, float]:
    """Seconds of each step for about that many measurements, and what was found."""
    protocol = shipped_protocol()
    trials = max(1, round(wanted / ROWS_A_TRIAL))
    frames = dict(rehearse(protocol, scenario="S2", seed=1, replicates=trials).frames)
    raw = spoil(frames["les_fu"])
    form = protocol.form_named("les_fu")
    times: dict[str, float] = {}
    read = timed(
        "read measurements",
        lambda: validate_rows(form, raw=raw, protocol=protocol, where="les_fu.csv"),
        times=times,
    )
    frames["les_fu"] = read.frame
    found = timed("check entries", lambda: check_frames(frames, protocol), times=times)
    derived = timed("derive endpoints", lambda: derive_datasets(frames, protocol), times=times)
    asked = timed(
        "ask questions",
        lambda: check_consistency(derived, frames=frames, protocol=protocol),
        times=times,
    )
    times["measurements"] = float(raw.height)
    times["findings"] = float(len(read.findings) + len(found) + len(asked))
    times["left out"] = float(derived.left_out.height)
    return times


def main() -> None:
    """Prints the table: steps by number of measurements."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    time_measurements(1)  # warms up
    columns = [time_measurements(number) for number in (many // 10, many)]
    for name in columns[0]:
        form = ",.0f" if name in ("measurements", "findings", "left out") else ".3f"
        sys.stdout.write(f"{name:20}" + "".join(f"{c[name]:>19{form}}" for c in columns) + "\n")


if __name__ == "__main__":
    main()
