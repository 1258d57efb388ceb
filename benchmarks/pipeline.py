"""Time of each step from protocol text to results, for one rehearsed trial and for many.

    python benchmarks/pipeline.py [TRIALS]

No peer does this whole way; the figure to watch is the growth, which should be linear.
"""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

from equipoise.analysis.plan import run
from equipoise.capture.edit_checks import check_frames
from equipoise.derive.cut import cut_dates
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import rehearse

Made = TypeVar("Made")


def timed(name: str, make: Callable[[], Made], *, times: dict[str, float]) -> Made:
    """What `make` gives; its seconds are noted under `name`."""
    begun = time.perf_counter()
    made = make()
    times[name] = time.perf_counter() - begun
    return made


def time_trials(trials: int) -> dict[str, float]:
    """Seconds of each step for that many trials of 88 subjects; analysis is of one trial."""
    times: dict[str, float] = {}
    protocol = timed("read protocol", shipped_protocol, times=times)
    drawn = timed(
        "rehearse",
        lambda: rehearse(protocol, scenario="S2", seed=1, replicates=trials),
        times=times,
    )
    timed("check entries", lambda: check_frames(drawn.frames, protocol), times=times)
    cutoffs = cut_dates(drawn.frames, protocol, cut="DC2")
    derived = timed(
        "derive endpoints",
        lambda: derive_datasets(drawn.frames, protocol, cutoffs=cutoffs),
        times=times,
    )
    timed(
        "analyse one trial",
        lambda: run(derived, protocol, allocations=drawn.allocations),
        times=times,
    )
    times["entries"] = float(sum(frame.height for frame in drawn.frames.values()))
    return times


def main() -> None:
    """Prints the table: steps by number of trials."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    time_trials(1)  # compiles the kernels
    columns = {1: time_trials(1), many: time_trials(many)}
    sys.stdout.write(f"{'':20}" + "".join(f"{n:>12} trials" for n in columns) + "\n")
    for name in columns[1]:
        form = ",.0f" if name == "entries" else ".3f"
        sys.stdout.write(f"{name:20}" + "".join(f"{c[name]:>19{form}}" for c in columns.values()))
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
