"""Prints ours beside the published hazard ratios: `python table.py FOLDER`."""

import csv
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from equipoise.cli.curves import curves

HEADS = (
    *("trial (PubMed)", "outcome", "n", "events", "hazard ratio, ours (95 % interval)"),
    *("published", "log difference", "chi-square", "medians"),
)


def read_reference(folder: Path) -> list[dict[str, str]]:
    """What was published and what R gives, a row a file."""
    with (folder / "reference.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def run_curves(file: Path, *options: str) -> dict[str, Any]:
    """What the command prints for a file."""
    done = CliRunner().invoke(curves, [str(file), "--json", *options])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def distance_to(published: float, ratio: float) -> float:
    """How far the ratio, or its reciprocal, is from the published one on the log scale."""
    own, target = math.log(ratio), math.log(published)
    return min(abs(own - target), abs(-own - target))


def write_line(row: dict[str, str], found: dict[str, Any]) -> str:
    """The line of one trial."""
    cox, published = found["cox"], float(row["published_hr"])
    turned = abs(math.log(cox["hazard_ratio"]) + math.log(published)) < abs(
        math.log(cox["hazard_ratio"]) - math.log(published)
    )
    arms = found["arms"].values()
    medians = " / ".join("-" if a["median"] is None else f"{a['median']:.4g}" for a in arms)
    cells = (
        f"{row['name']} ({row['pubmed']})",
        f"{row['outcome']}, {row['units']}",
        str(sum(arm["n"] for arm in arms)),
        str(sum(arm["events"] for arm in arms)),
        f"{cox['hazard_ratio']:.4f} ({cox['lower']:.4f} to {cox['upper']:.4f})",
        f"{published:g}" + (" (reciprocal)" if turned else ""),
        f"{distance_to(published, cox['hazard_ratio']):.4f}",
        f"{found['logrank']['chi_square']:.4f}",
        medians,
    )
    return f"| {' | '.join(cells)} |"


def write_table(folder: Path) -> Iterator[str]:
    """The lines of the table, for the files of the folder."""
    yield f"| {' | '.join(HEADS)} |"
    yield "|---" * len(HEADS) + "|"
    for row in read_reference(folder):
        file = folder / f"{row['name']}.csv"
        if file.exists():
            yield write_line(row, run_curves(file))


if __name__ == "__main__":
    sys.stdout.write("\n".join(write_table(Path(sys.argv[1]))) + "\n")
