"""What is measured in processes of its own: peak memory of a task, time of a whole command."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from estimators_tasks import TASKS, draw_data

HERE = Path(__file__).parent
CURVES_ROWS = 500


def _kilobytes(name: str) -> int:
    """A number of /proc/self/status: VmRSS now, VmHWM at most since it was set back."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    raise ValueError(f"/proc/self/status has no {name}")


def measure_peak(name: str, *, rows: int, days: bool) -> float:
    """In this process: how much memory a task takes beyond its columns, in multiples of them.

    It has run once before on few rows, so that nothing is compiled meanwhile.
    """
    TASKS[name](draw_data(1000, days=days))()
    data = draw_data(rows, days=days)
    run = TASKS[name](data)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before = _kilobytes("VmRSS")
    run()
    used = sum(data[column].nbytes for column in columns_of(name)) / 1024
    return (_kilobytes("VmHWM") - before) / used


def columns_of(name: str) -> tuple[str, ...]:
    """The columns that a task reads."""
    given = ("time", "cause" if name in ("gray", "incidence") or "fine_gray" in name else "event")
    if "strata" in name:
        return (*given, "arm", "stratum")
    many = ("cox_four", "hazards", "fine_gray", "weibull", "logistic")
    return (*given, "arm", *(("x1", "x2", "x3") if name.startswith(many) else ()))


def peak_beyond(name: str, *, rows: int, days: bool) -> float:
    """`measure_peak` in a fresh process."""
    call = f"measure_peak({name!r}, rows={rows}, days={days})"
    code = f"from estimators_processes import *; print({call})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HERE)  # noqa: S603
    return float(done.stdout)


def _seconds(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """By the clock, and of the processor: other work on the machine lengthens the first."""
    start, used = time.perf_counter(), os.times()
    subprocess.run(  # noqa: S603
        command, check=True, capture_output=True, cwd=folder, env=os.environ | environment
    )
    now = os.times()
    cpu = now.children_user + now.children_system - used.children_user - used.children_system
    return time.perf_counter() - start, cpu


def time_processes() -> Iterator[tuple[str, tuple[float, float]]]:
    """Seconds of `equipoise --help` and `equipoise curves`, the compiled kernels kept and not."""
    program = [sys.executable, "-c", "from equipoise.cli.main import main; main()"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_rows(folder / "rows.csv")
        curves = [*program, "curves", "rows.csv"]
        fresh = {"NUMBA_CACHE_DIR": str(folder / "cache")}
        yield "equipoise --help", min(_seconds([*program, "--help"], folder, {}) for _ in range(5))
        yield (
            f"equipoise curves, {CURVES_ROWS} rows, first time (kernels compiled)",
            _seconds(curves, folder, fresh),
        )
        yield (
            f"equipoise curves, {CURVES_ROWS} rows",
            min(_seconds(curves, folder, fresh) for _ in range(5)),
        )


def _write_rows(path: Path) -> None:
    data = draw_data(CURVES_ROWS, days=True)
    columns = (data["time"], data["event"], data["arm"], data["stratum"])
    lines = [f"{t:.0f},{e:.0f},{'AB'[int(a)]},{s:.0f}" for t, e, a, s in zip(*columns, strict=True)]
    path.write_text("\n".join(["time,event,arm,stratum", *lines, ""]), encoding="utf-8")
