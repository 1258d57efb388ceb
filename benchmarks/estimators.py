"""Every estimator beside its peers on the same rows, in one run: seconds, ratios, digits, memory.

Call: python benchmarks/estimators.py [--peers PYTHON] [--rows 1000 100000] [--task NAME] [--long]
[--only TABLE] [--markdown]. PYTHON (or EQUIPOISE_PEERS) is an interpreter that has statsmodels,
lifelines, scikit-survival, survival and comprisk; R is found on the path. A peer that is not there
is told and left out. `--markdown` writes the tables into README.md beside this file.

Every program, ours and theirs, has one thread: the environment says so to all alike. So what is
measured is time of the processor, which other work on the machine lengthens little.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from estimators_calls import small_calls
from estimators_processes import peak_beyond, time_processes
from estimators_rows import TRIALS
from estimators_tasks import TASKS, Data, draw_data
from numpy.typing import NDArray

HERE = Path(__file__).parent
ROWS = (1_000, 100_000, 1_000_000)
ROWS_OF = dict.fromkeys(("fine_gray", "fine_gray_uncounted"), (1_000, 10_000, 100_000))
KINDS = ("days", "continuous")
SECONDS = 2.0  # of repeating one task; the least of its times counts
SMALL_SECONDS, SLOW = 0.1, 2e-3
ONE_THREAD = {
    f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL", "NUMBA", "RAYON")
} | {"POLARS_MAX_THREADS": "1"}


def best_seconds(task: Callable[[], object], *, spend: float = SECONDS) -> float:
    """The least of the processor's times of a task, after one that is not counted."""
    task()
    seconds: list[float] = []
    while sum(seconds) < spend and len(seconds) < 200:
        start = time.process_time()
        task()
        seconds.append(time.process_time() - start)
    return min(seconds)


def peer_answers(command: list[str], data: Data) -> list[dict[str, object]]:
    """What a program of peers measured: peer, task, seconds, values; or peer and error."""
    with tempfile.TemporaryDirectory() as folder:
        for name, column in data.items():
            column.tofile(Path(folder) / f"{name}.f64")
        done = subprocess.run([*command, folder], check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        sys.stdout.write(f"{command[0]} failed: {done.stderr[-300:]}\n")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def peer_commands(python: str | None) -> list[list[str]]:
    """How to call the peers that are here; who is not is told."""
    r = shutil.which("Rscript")
    if r is None:
        sys.stdout.write("R IS NOT INSTALLED: nothing is compared with it\n")
    if python is None:
        sys.stdout.write("NO PYTHON OF PEERS (--peers): nothing is compared with its packages\n")
    return [
        *([[r, str(HERE / "estimators.R")]] if r else []),
        *([[python, str(HERE / "estimators_peers.py")]] if python else []),
    ]


def peer_lines(chosen: argparse.Namespace) -> Iterator[str]:
    """Every task at every size and kind of times: ours, then each peer with its ratio."""
    commands = peer_commands(chosen.peers)
    yield "| rows | times | task | ours, ms | peers, ms (ratio to ours) |"
    yield "|---|---|---|---|---|"
    wanted = {name: chosen.rows or ROWS_OF.get(name, ROWS) for name in chosen.task or TASKS}
    for n in sorted({n for rows in wanted.values() for n in rows}):
        names = [name for name, rows in wanted.items() if n in rows]
        for kind in KINDS:
            data = draw_data(n, days=kind == "days")
            yield from _lines_of_size(data, kind, names, commands)


def _lines_of_size(
    data: Data, kind: str, names: list[str], commands: list[list[str]]
) -> Iterator[str]:
    found = [one for command in commands for one in peer_answers([*command, *names], data)]
    for name in names:
        run = TASKS[name](data)
        ours, values = best_seconds(run), np.array(run())
        cells = [_peer_cell(one, ours, values) for one in found if one["task"] in (name, "")]
        yield f"| {data['time'].size:,} | {kind} | {name} | {1e3 * ours:.3f} | {'; '.join(cells)} |"


def _peer_cell(one: dict[str, object], ours: float, values: NDArray[np.float64]) -> str:
    if "error" in one:
        return f"{one['peer']}: NOT COMPARED ({one['error']})"
    theirs = np.array(one["values"], dtype=np.float64)
    apart = float(np.abs(values[: theirs.size] / theirs - 1).max())
    seconds = float(str(one["seconds"]))
    far = "" if apart < 1e-9 else f", apart by {apart:.0e}"
    return f"{one['peer']} {1e3 * seconds:.3g} ({seconds / ours:.3g} x{far})"


def small_lines(_: argparse.Namespace) -> Iterator[str]:
    """Every public call at 1,000 rows that takes more than half of what is allowed in a trial."""
    times = {
        trial: {
            name: best_seconds(call, spend=SMALL_SECONDS)
            for name, call in small_calls(1000, trial=kind).items()
        }
        for trial, kind in TRIALS.items()
    }
    plain = times["plain"]
    worst = {name: max(times, key=lambda trial: times[trial][name]) for name in plain}
    slowest = {name: times[trial][name] for name, trial in worst.items()}
    above, continuous, anywhere = (
        sum(one > SLOW for one in each.values())
        for each in (plain, times["continuous times"], slowest)
    )
    yield f"{len(plain)} calls in {len(times)} made-up trials. Above 2 ms: {above} in the plain"
    yield f"trial, in days; {continuous} in the same, its times continuous; {anywhere} in any."
    yield ""
    yield "| call at 1,000 rows | plain, ms | slowest, ms | in |"
    yield "|---|---|---|---|"
    for name in sorted(slowest, key=slowest.__getitem__, reverse=True):
        if slowest[name] > SLOW / 2:
            cells = f"{1e3 * plain[name]:.2f} | {1e3 * slowest[name]:.2f} | {worst[name]}"
            yield f"| {name} | {cells} |"


def memory_lines(chosen: argparse.Namespace) -> Iterator[str]:
    """What each task takes beyond its columns, in multiples of them."""
    yield "| rows | times | task | peak beyond the input / input |"
    yield "|---|---|---|---|"
    for name in chosen.task or TASKS:
        n = 100_000 if name in ROWS_OF else 1_000_000
        for kind in KINDS:
            peak = peak_beyond(name, rows=n, days=kind == "days")
            yield f"| {n:,} | {kind} | {name} | {peak:.2f} |"


def process_lines(_: argparse.Namespace) -> Iterator[str]:
    """Whole processes of the command line."""
    yield "| process | s by the clock | s of processor |"
    yield "|---|---|---|"
    for name, (seconds, cpu) in time_processes():
        yield f"| {name} | {seconds:.2f} | {cpu:.2f} |"


TABLES = {
    "peers": peer_lines,
    "small": small_lines,
    "memory": memory_lines,
    "processes": process_lines,
}


def write_markdown(name: str, *, lines: list[str]) -> None:
    """Put a table between its marks in README.md."""
    page = HERE / "README.md"
    load = os.getloadavg()[0]
    said = f"{datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores, load {load:.1f} at the end:"
    begin, end = f"<!-- estimators: {name} -->", f"<!-- end: {name} -->"
    text = "\n".join([begin, said, "", *lines, end])
    old = page.read_text(encoding="utf-8")
    page.write_text(re.sub(f"{begin}.*?{end}", lambda _: text, old, flags=re.S), encoding="utf-8")


def main() -> None:
    """Print the tables, and write them where asked."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--peers", default=os.environ.get("EQUIPOISE_PEERS"))
    options.add_argument("--rows", type=int, nargs="+", default=[])
    options.add_argument("--task", choices=TASKS, action="append", default=[])
    options.add_argument("--only", choices=TABLES, action="append", default=[])
    options.add_argument("--long", action="store_true", help="also what takes a peer minutes")
    options.add_argument("--markdown", action="store_true", help="write the tables to README.md")
    chosen = options.parse_args()
    wanted = ONE_THREAD | ({"EQUIPOISE_LONG": "1"} if chosen.long else {})
    if any(os.environ.get(name) != value for name, value in wanted.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | wanted)  # noqa: S606
    for name in chosen.only or TABLES:
        lines = []
        for line in TABLES[name](chosen):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            lines.append(line)
        if chosen.markdown:
            write_markdown(name, lines=lines)
        sys.stdout.write("\n")


if __name__ == "__main__":
    main()
