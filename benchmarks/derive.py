"""From entries to every derived frame: time by number of trials, memory, and where it goes.

    python benchmarks/derive.py [TRIALS]

No peer does this whole way (RECIST, iRECIST, every convention, local control, toxicity, dose, each
row with its entries); the figures to watch are the total and that the growth is linear.
"""

import cProfile
import pstats
import resource
import sys
import time
from pathlib import Path

from equipoise.derive.cut import cut_dates
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import Rehearsal, rehearse

PROTOCOL = shipped_protocol()
ROOM = f"{Path('equipoise', 'derive')}/"
SHOWN = 18


def derive_all(drawn: Rehearsal) -> float:
    """Seconds from entries to all datasets as of the last cut."""
    begun = time.perf_counter()
    cutoffs = cut_dates(drawn.frames, PROTOCOL, cut="DC2")
    derive_datasets(drawn.frames, PROTOCOL, cutoffs=cutoffs)
    return time.perf_counter() - begun


def measure(trials: int) -> tuple[float, int]:
    """The best of three (one for many trials), and the number of entries."""
    drawn = rehearse(PROTOCOL, scenario="S2", seed=1, replicates=trials)
    entries = sum(frame.height for frame in drawn.frames.values())
    return min(derive_all(drawn) for _ in range(3 if trials < 500 else 1)), entries


def list_passes(trials: int) -> list[tuple[str, float]]:
    """The passes of the derive room that take longest, in seconds, those they call included."""
    drawn = rehearse(PROTOCOL, scenario="S2", seed=1, replicates=trials)
    profile = cProfile.Profile()
    profile.runcall(derive_all, drawn)
    functions: dict[tuple[str, int, str], tuple[int, int, float, float, object]]
    functions = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    own = [
        (f"{Path(file).stem}.{name}", numbers[3])
        for (file, _, name), numbers in functions.items()
        if ROOM in file and not name.startswith(("<", "_"))
    ]
    return sorted(own, key=lambda each: -each[1])[:SHOWN]


def main() -> None:
    """Prints both tables."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    write = sys.stdout.write
    measure(1)  # compiles the kernels of the rehearsal
    write(f"{'trials':>8}{'entries':>12}{'seconds':>10}{'µs an entry':>13}\n")
    for trials in sorted({1, 10, 100, many}):
        seconds, entries = measure(trials)
        write(f"{trials:>8}{entries:>12,}{seconds:>10.2f}{1e6 * seconds / entries:>13.1f}\n")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    write(f"peak memory, entries and rehearsal included: {peak:.1f} GiB\n\n")
    write("Where it goes, 100 trials, each with what it calls:\n")
    for name, seconds in list_passes(100):
        write(f"{seconds:>8.3f} s  {name}\n")


if __name__ == "__main__":
    main()
