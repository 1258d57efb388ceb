"""The counts of the report made again in plain loops over rows: slow and obvious."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from statistics import median

Row = Mapping[str, object]


def share(count: int, size: int) -> str:
    """A count with its percentage, as the report prints it."""
    return f"{count} ({100 * count / size:.1f}%)" if size else f"{count}"


def spread(values: Iterable[float]) -> str:
    """Median and range, as the report prints whole numbers."""
    known = sorted(values)
    if not known:
        return "–"
    middle = median(known)
    first = f"{middle:.0f}" if middle == round(middle) else f"{middle:.1f}"
    return f"{first} ({known[0]:.0f} to {known[-1]:.0f})".replace("-", "−")


def arm_sizes(subjects: Iterable[Row]) -> Counter[str]:
    """Randomised subjects by allocated arm."""
    return Counter(
        str(row["allocated_arm"]) for row in subjects if row["randomised_date"] is not None
    )


def level_counts(subjects: Iterable[Row], *, column: str, arm: str) -> Counter[str]:
    """How often each value occurs among the subjects of an arm; unknown ones are left out."""
    counts: Counter[str] = Counter()
    for row in subjects:
        if row["allocated_arm"] == arm and row[column] is not None:
            counts[str(row[column])] += 1
    return counts


def worst_grades(grades: Iterable[Row], *, arm_of: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """For each term and arm, the number of patients at grade 1-2, 3, 4 and 5: keys `A 3`."""
    worst: dict[tuple[str, str], int] = {}
    for row in grades:
        if str(row["subject"]) in arm_of:
            key = (str(row["term"]), str(row["subject"]))
            worst[key] = max(worst.get(key, 0), int(str(row["grade"])))
    table: dict[str, dict[str, int]] = {}
    for (term, subject), grade in worst.items():
        cell = f"{arm_of[subject]} {max(grade, 2)}"
        table.setdefault(term, {}).setdefault(cell, 0)
        table[term][cell] += 1
    return table


def scan_delays(
    subjects: Iterable[Row], scans: Iterable[Row], *, visit: str, day: int
) -> dict[str, int]:
    """Days between the plan and the scan of a visit, by subject that has one."""
    planned = {
        str(row["subject"]): row["randomised_date"] + timedelta(days=day)
        for row in subjects
        if isinstance(row["randomised_date"], date)
    }
    return {
        str(row["subject"]): (row["first_date"] - planned[str(row["subject"])]).days
        for row in scans
        if row["visit"] == visit and isinstance(row["first_date"], date)
    }


def expected_at(
    subjects: Iterable[Row], progressed: Mapping[str, date], *, day: int, after: int
) -> set[str]:
    """Who was alive, followed and without progression when the window of a visit had closed."""
    found = set()
    for row in subjects:
        start = row["randomised_date"]
        if not isinstance(start, date):
            continue
        closed = start + timedelta(days=day + after)
        ends = [row["cutoff_date"], row["death_date"] or row["last_alive_date"]]
        last = min(end for end in ends if isinstance(end, date))
        free = progressed.get(str(row["subject"]), date.max) > closed
        if free and last >= closed:
            found.add(str(row["subject"]))
    return found
