"""docs/validation/level-and-coverage.md, from what was measured."""

from collections.abc import Sequence
from pathlib import Path

from long.level_advice import print_advice
from long.level_checks import Check
from long.level_measured import Measured
from long.level_registry import FAMILIES

PAGE = Path(__file__).parents[2] / "docs" / "validation" / "level-and-coverage.md"
HEAD = """# Level and coverage of the estimators

Written by `make validate` (`tests/long/test_level_and_coverage.py`) from {replicates:,} simulated
trials of each size, the same in every run. Half of the patients are in either arm, 40 % in a
second stratum. Without treatment the event has a constant hazard (median 10 months) and so has
one that competes with it (0.02 a month), both 1.5 times as high in the second stratum. Follow-up
ends between 12 and 36 months, evenly; times are rounded up to days. Lesions, leavers, readers,
spread counts, late entry and scans are drawn beside (`tests/long/level_data.py` says how).

A *level* is the share of trials without any effect in which p is at most 0.05. A *coverage* is
the share of trials with an effect (hazard ratio 0.7, response 40 % v 55 %, 0.3 v 0.2 counted
events a month) in which the 95 % interval holds the truth; a band must hold it along the whole
curve.

In brackets the 95 % interval of the simulation. At 500 an arm 5 % or 95 % must lie within the
simulation's error (99.9 %), or the run fails. At 44, the size of the reference trial, methods
that rest on large samples miss, and by how much stands here: **bold** where it is beyond that
error. *At most*, *at least*: exact and conservative methods, which may only miss to the safe
side. *Known to miss*: even with many patients, for the reason given; they are not asked to hold.
*Without an answer*: trials in which the method gives none; they are left out of the share, and
the reason stands below the table.

With the same data 19 of these tests decide at 5 % as R does in every one of 2,000 trials, and
their p is R's to six decimals, but for `crr`, which stops short of the top of the likelihood: in
48 of the trials its p is off by up to 6e-6 (`tests/reference/decisions`, `make validate`).

"""
_TABLE = "| what | 500 an arm | 44 an arm |\n|---|---|---|"


Pair = tuple[Measured, Measured]


def _cell(found: Measured, *, bold: bool) -> str:
    lower, upper = (100 * limit for limit in found.limits())
    share = f"{100 * found.share:.2f} %"
    left = "" if found.told == found.asked else f", {found.asked - found.told} without an answer"
    return f"{f'**{share}**' if bold else share} ({lower:.2f} to {upper:.2f}){left}"


def _title(check: Check) -> str:
    side = {True: "at most", False: "at least"}[check.is_level] if check.one_sided else ""
    about = ", ".join(part for part in (side, "known to miss" if check.misses else "") if part)
    return check.name + (f" (*{about}*)" if about else "")


def print_row(large: Measured, small: Measured) -> str:
    """A row of the page."""
    cells = _cell(large, bold=False), _cell(small, bold=not small.holds)
    return f"| {large.check.kind}: {_title(large.check)} | {cells[0]} | {cells[1]} |"


def _print_reasons(checks: Sequence[Check]) -> str:
    """Each reason once, with those that have it."""
    having: dict[str, list[str]] = {}
    for check in checks:
        without = check.unanswered and f"no answer where {check.unanswered}"
        for words in filter(None, (check.why, without)):
            having.setdefault(words, []).append(f"{check.kind}, {check.name}")
    return "".join(f"- {words}: *{'; '.join(names)}*.\n" for words, names in having.items())


def _print_family(name: str, pairs: Sequence[Pair]) -> str:
    rows = "\n".join(print_row(*pair) for pair in pairs)
    reasons = _print_reasons([pair[0].check for pair in pairs])
    return f"## {name}\n\n{_TABLE}\n{rows}\n\n{reasons}".rstrip()


def _print_misses(pairs: Sequence[Pair]) -> str:
    """What misses with few patients, of what holds with many: to the unsafe side and the other."""
    missing = [pair for pair in pairs if not pair[1].holds and not pair[0].check.misses]
    missing.sort(key=lambda pair: -abs(pair[1].share - pair[1].check.aim))
    parts = [f"## What misses at 44 an arm\n\n{len(missing)} of {len(pairs)}, the farthest first."]
    for is_safe, words in (
        (False, "rejects too often or covers too little"),
        (True, "rejects too rarely or covers too much"),
    ):
        rows = [
            f"| {large.name} | {100 * small.share:.2f} % |"
            for large, small in missing
            if small.is_safe is is_safe
        ]
        parts.append("\n".join([f"| {words} | 44 an arm |\n|---|---|", *rows]))
    return "\n\n".join(parts)


def print_page(large: Sequence[Measured], small: Sequence[Measured], *, replicates: int) -> str:
    """The page: what misses, what to take instead, and every family."""
    pairs = {pair[0].check: pair for pair in zip(large, small, strict=True)}
    parts = [_print_misses(list(pairs.values())), print_advice(small)]
    parts += [_print_family(name, [pairs[c] for c in checks]) for name, checks in FAMILIES.items()]
    return HEAD.format(replicates=replicates) + "\n\n".join(parts) + "\n"
