"""Many one-line cases derived together: a subject a line, with what a reader expects beside it.

A line tells the scans of one index lesion of 20 mm (`84:20` = day 84, 20 mm; `168:25+N01` with a
new lesion; `158@M6:20` entered as visit M6; `84:ne` not evaluable) and what else happened
(`death 300, alive 280`). Days count from randomisation.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from derive.trial_tables import (
    PROTOCOL,
    Row,
    build_frames,
    derive,
    find_time,
    read_table,
    scan_rows,
)
from equipoise.derive.schemas import Datasets
from equipoise.protocol.model import Protocol

PLANNED = {84: "M3", 168: "M6", 252: "M9", 365: "M12", 449: "M15", 701: "M24", 869: "M30"}
Expected = tuple[int | None, int | None, str]
CAUSES = {"censored": 0, "event": 1, "competing": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A line of a table: the subject that it makes, its words, and its cells."""

    subject: str
    name: str
    cells: Row


def read_cases(text: str) -> list[Case]:
    """The lines of a table as cases; the first column names them."""
    rows = read_table(text)
    return [
        Case(subject=f"01-{number:03}", name=next(iter(row.values())), cells=row)
        for number, row in enumerate(rows, start=1)
    ]


def derive_cases(
    cases: list[Case], *, cut_day: int | None = None, protocol: Protocol = PROTOCOL
) -> Datasets:
    """All cases as one trial, derived once."""
    rows: dict[str, list[Row]] = {}
    for case in cases:
        for form, row in _entries(case):
            rows.setdefault(form, []).append({**row, "subject": case.subject})
    return derive(build_frames(rows), cut_day=cut_day, protocol=protocol)


def time_of(data: Datasets, case: Case, *, reading: str, lesion: str = "") -> Expected:
    """Day, cause and rule of a case, of a reading such as `pfs/ema`."""
    return find_time(data, "/".join([reading, case.subject, *([lesion] if lesion else [])]))


def read_expected(cell: str) -> Expected:
    """`168 event R4` as day, cause and rule."""
    after, cause, rule = cell.split()
    return int(after), CAUSES[cause], rule


def _entries(case: Case) -> Iterator[tuple[str, Row]]:
    told = [word.strip() for word in case.cells.get("else", "").split(",") if word.strip()]
    baseline = "no baseline" not in told
    table = _scan_table(case, baseline=baseline)
    for form, rows in (scan_rows(table) if table.count("\n") else {}).items():
        yield from ((form, row) for row in rows)
    yield "rand", {}
    for word in told:
        if word != "no baseline":
            kind, _, when = word.partition(" ")
            yield HAPPENINGS[kind](when)


def _scan_table(case: Case, *, baseline: bool) -> str:
    lines = ["visit|day|L01|new", *(["BL|-10|20|"] if baseline else [])]
    for scan in case.cells.get("scans", "").split():
        when, _, seen = scan.partition(":")
        number, _, visit = when.partition("@")
        size, _, new = seen.partition("+")
        lines.append(f"{visit or PLANNED.get(int(number), f'U{number}')}|{number}|{size}|{new}")
    return "\n".join(f"|{line}|" for line in lines)


def _later(**said: str) -> Callable[[str], tuple[str, Row]]:
    return lambda when: ("subseq", {"start_date": when, **said})


def _surgery(**said: str) -> Callable[[str], tuple[str, Row]]:
    return lambda when: ("surg", {"surgery_date": when, **said})


def _end(reason: str) -> Callable[[str], tuple[str, Row]]:
    return lambda when: ("eos", {"eos_date": when, "reason": reason})


HAPPENINGS: dict[str, Callable[[str], tuple[str, Row]]] = {
    "death": lambda when: ("dth", {"death_date": when}),
    "alive": lambda when: ("surv", {"alive_date": when}),
    "lost": _end("lost"),
    "withdrew": _end("withdrew_follow_up"),
    "completed": _end("completed"),
    "systemic": _later(),
    "radiotherapy": _later(type="rt"),
    "ablation": _later(type="ablation", lesion="L01"),
    "planned-therapy": _later(protocol_defined="true"),
    "other-cancer": _later(against_rcc="false"),
    "nephrectomy": _surgery(type="nephrectomy"),
    "planned-nephrectomy": _surgery(type="nephrectomy", planned="true"),
    "resection": _surgery(lesion="L01"),
    "sbrt": lambda when: ("rt_fx", {"lesion": "L01", "fraction": "1", "fraction_date": when}),
    "prescribed": lambda count: ("rt_rx", {"lesion": "L01", "fractions": count}),
    "stopped": lambda when: (
        "ex_sys",
        {"start_date": "7", "stop_date": when, "action": "stopped", "reason": "toxicity"},
    ),
    "clinical": lambda when: (
        "rs",
        {"visit": f"U{when}", "assessment_date": when, "clinical_progression": "true"},
    ),
}
