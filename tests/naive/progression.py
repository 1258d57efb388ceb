"""Slow twin of the derivation: RECIST 1.1, rule R12, progression-free survival.

One subject at a time, one scan after the other, as a reader would do it with the rules of D2.3
and D3.2-3.5 beside the films. Days count from randomisation, sizes are tenths of a millimetre.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

EIGHT_WEEKS = 56
FIVE_MM = 50
TEN_MM = 100
SHOWN = ("present", "progression")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesion:
    """A lesion at baseline."""

    name: str
    target: bool
    node: bool
    index: bool
    tenths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a scan says of a lesion."""

    status: str
    tenths: int | None = None
    merged_into: str = ""
    pathology: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A scan: its cells by lesion, and the new lesions seen with their certainty."""

    visit: str
    day: int
    cells: Mapping[str, Cell]
    new: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A randomised subject; scans stand in the order of their days."""

    lesions: tuple[Lesion, ...]
    scans: tuple[Scan, ...]
    death: int | None = None
    therapy: int | None = None
    lost: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a scan comes to: responses, and what a progression rests on."""

    day: int
    visit: str
    total: int | None
    nadir: int | None
    target: str | None
    other: str | None
    overall: str
    by_target: bool
    by_index: bool
    index_read: bool
    held: bool

    @property
    def progressed(self) -> bool:
        """Whether this is progressive disease."""
        return self.overall == "PD"

    def judges(self, sign: "Reading") -> bool:
        """Whether the scan can confirm or refute a suspicion: it read what was suspected."""
        target = not sign.by_target or self.target != "NE"
        other = not sign.by_index or self.index_read
        return (target and other) or self.by_target or self.by_index


def grown(now: int, nadir: int) -> bool:
    """A fifth and five millimetres over the nadir."""
    return 10 * now >= 12 * nadir and now - nadir >= FIVE_MM


def is_gone(lesion: Lesion, tenths: int | None) -> bool:
    """Absent, or a node of normal size."""
    return tenths is not None and (tenths == 0 or (lesion.node and tenths < TEN_MM))


def read_cells(person: Person) -> list[dict[str, Cell]]:
    """The cell of every lesion at every scan, with the size that enters a sum."""
    by_name = {lesion.name: lesion for lesion in person.lesions}
    removed: set[str] = set()
    found = []
    for scan in person.scans:
        row = {}
        for lesion in person.lesions:
            cell = scan.cells.get(lesion.name, Cell(status="ne"))
            removed |= {lesion.name} if cell.status == "resected" else set()
            status = "resected" if lesion.name in removed else cell.status
            row[lesion.name] = Cell(
                status=status,
                tenths=_size(lesion, cell, status, by_name),
                merged_into=cell.merged_into,
                pathology=cell.pathology,
            )
        found.append(row)
    return found


def _size(lesion: Lesion, cell: Cell, status: str, by_name: Mapping[str, Lesion]) -> int | None:
    if status in ("absent", "resected"):
        return 0
    if status == "merged":
        host = by_name.get(cell.merged_into)
        return None if host is None or (lesion.target and not host.target) else 0
    if status == "tstm":
        return FIVE_MM if cell.tenths is None else cell.tenths
    return None if status == "ne" else cell.tenths


def first_sightings(person: Person) -> set[tuple[int, str]]:
    """Day and name of each new lesion that was unequivocal at any time."""
    certain = {name for scan in person.scans for name, sure in scan.new.items() if sure}
    return {(min(scan.day for scan in person.scans if name in scan.new), name) for name in certain}


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a reader remembers of earlier scans: complete sums, a response, an overall CR."""

    sums: tuple[int, ...]
    other_sums: tuple[int, ...]
    responded: bool = False
    cleared: bool = False


def read_scans(person: Person) -> list[Reading]:
    """Every scan of a person, one after the other."""
    targets, others = _targets(person)
    memory = Memory(
        sums=(sum(lesion.tenths for lesion in targets),),
        other_sums=(sum(lesion.tenths for lesion in others),),
    )
    readings: list[Reading] = []
    for scan, cells in zip(person.scans, read_cells(person), strict=True):
        reading = _read_scan(person, scan, cells, memory)
        readings.append(reading)
        memory = _remember(memory, reading, _sum(others, cells))
    return [_settled(person, readings, reading) for reading in readings]


def _settled(person: Person, readings: Sequence[Reading], reading: Reading) -> Reading:
    """The reading, still PR where the progression since a response was refuted by that day."""
    responded = False
    for earlier in readings[: readings.index(reading)]:
        if earlier.target in ("PR", "CR"):
            responded = True
        elif earlier.target == "PD":
            verdict = verdict_on(person, readings, earlier)
            refuted = verdict is not None and not verdict[1] and verdict[0] <= reading.day
            responded = responded and refuted
    if reading.target != "SD" or not responded:
        return reading
    return replace(
        reading, target="PR", overall="PR" if reading.overall == "SD" else reading.overall
    )


def _targets(person: Person) -> tuple[list[Lesion], list[Lesion]]:
    """All targets, and those that are no index lesions."""
    targets = [lesion for lesion in person.lesions if lesion.target]
    return targets, [lesion for lesion in targets if not lesion.index]


def _sum(targets: Sequence[Lesion], cells: Mapping[str, Cell]) -> int | None:
    """The sum of the targets; None when one of them is not known."""
    sizes = [cells[lesion.name].tenths for lesion in targets]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _remember(memory: Memory, reading: Reading, other_sum: int | None) -> Memory:
    total = () if reading.total is None else (reading.total,)
    better = memory.responded or reading.target in ("PR", "CR")
    return Memory(
        sums=memory.sums + total,
        other_sums=memory.other_sums + (() if other_sum is None else (other_sum,)),
        responded=better and reading.target != "PD",
        cleared=memory.cleared or reading.overall == "CR",
    )


def _read_scan(person: Person, scan: Scan, cells: Mapping[str, Cell], memory: Memory) -> Reading:
    """One scan, knowing the earlier ones."""
    targets, others = _targets(person)
    size = {name: cell.tenths for name, cell in cells.items()}
    nadir = min(memory.sums)
    gone = bool(targets) and all(is_gone(t, size[t.name]) for t in targets)
    by_sum = not gone and _progressive(targets, size, nadir)
    back = [t for t in targets if memory.cleared and not t.node and _is_there(t, size)]
    by_target = by_sum or bool(back)
    target = _target_response(targets, size, memory)
    target = "PD" if by_target else target
    worse = list(_progressed_non_targets(person, cells, size, cleared=memory.cleared))
    other = _non_target_response(person, cells, worse)
    new = any(day <= scan.day for day, _ in first_sightings(person))
    overall = _overall(person, target, other, new=new)
    suffices = by_sum and _progressive(others, size, min(memory.other_sums))
    apart = suffices or new or any(not lesion.index for lesion in (*back, *worse))
    by_index = any(lesion.index for lesion in worse)
    return Reading(
        day=scan.day,
        visit=scan.visit,
        total=_sum(targets, cells) if targets else None,
        nadir=nadir if targets else None,
        target=target,
        other=other,
        overall=overall,
        by_target=by_target,
        by_index=by_index,
        index_read=_reads_index(person, cells),
        held=overall == "PD" and (by_index or by_target) and not apart,
    )


def _reads_index(person: Person, cells: Mapping[str, Cell]) -> bool:
    """Whether every index lesion that is no target was judged."""
    own = [cells[each.name] for each in person.lesions if each.index and not each.target]
    return all(cell.tenths is not None or cell.status in SHOWN for cell in own)


def _is_there(lesion: Lesion, size: Mapping[str, int | None]) -> bool:
    return size[lesion.name] is not None and not is_gone(lesion, size[lesion.name])


def _progressive(targets: Sequence[Lesion], size: Mapping[str, int | None], nadir: int) -> bool:
    """Growth on whatever is known; after a sum of 0 anything that is there."""
    known = sum(size[t.name] or 0 for t in targets)
    return grown(known, nadir) or (nadir == 0 and any(_is_there(t, size) for t in targets))


def _target_response(
    targets: Sequence[Lesion], size: Mapping[str, int | None], memory: Memory
) -> str | None:
    """The response when there is no progression."""
    if not targets:
        return None
    if all(is_gone(t, size[t.name]) for t in targets):
        return "CR"
    if any(size[t.name] is None for t in targets):
        return "NE"
    total = sum(size[t.name] or 0 for t in targets)
    return "PR" if 10 * total <= 7 * memory.sums[0] or memory.responded else "SD"


def _progressed_non_targets(
    person: Person, cells: Mapping[str, Cell], size: Mapping[str, int | None], *, cleared: bool
) -> Iterator[Lesion]:
    for lesion in person.lesions:
        status = cells[lesion.name].status
        there = status in SHOWN or size[lesion.name] is not None
        back = cleared and there and not is_gone(lesion, size[lesion.name])
        if not lesion.target and (status == "progression" or back):
            yield lesion


def _non_target_response(
    person: Person, cells: Mapping[str, Cell], progressed: Sequence[Lesion]
) -> str | None:
    own = [lesion for lesion in person.lesions if not lesion.target]
    if not own:
        return None
    if progressed:
        return "PD"
    seen = [cells[lesion.name] for lesion in own]
    if any(cell.tenths is None and cell.status not in SHOWN for cell in seen):
        return "NE"
    gone = all(is_gone(lesion, cells[lesion.name].tenths) for lesion in own)
    return "CR" if gone else "NON-CR/NON-PD"


def _overall(person: Person, target: str | None, other: str | None, *, new: bool) -> str:
    if new or "PD" in (target, other):
        return "PD"
    if not person.lesions:
        return "NE"
    if target is None:
        return other or "NE"
    return "PR" if target == "CR" and other not in (None, "CR") else target


def stands(person: Person, readings: Sequence[Reading], sign: Reading) -> bool:
    """Whether a progression counts under rule R12."""
    verdict = verdict_on(person, readings, sign)
    return verdict is None or verdict[1]


def verdict_on(
    person: Person, readings: Sequence[Reading], sign: Reading
) -> tuple[int, bool] | None:
    """The day of the verdict on a held progression, and whether it was confirmed."""
    if not sign.held:
        return None
    due = sign.day + EIGHT_WEEKS
    for earlier in (each for each in readings if each.held and each.day < sign.day):
        found = _first_verdict(person, readings, earlier, earlier.day + EIGHT_WEEKS)
        if found is not None and not found[1] and found[0] > sign.day:
            due = min(due, found[0])
    return _first_verdict(person, readings, sign, due)


def _first_verdict(
    person: Person, readings: Sequence[Reading], sign: Reading, due: int
) -> tuple[int, bool] | None:
    """The first biopsy since a sign, or the first scan from a day on that judges it."""
    index = [lesion.name for lesion in person.lesions if lesion.index]
    verdicts = [
        (reading.day, 1, reading.by_target or reading.by_index)
        for reading in readings
        if reading.day >= due and reading.judges(sign)
    ]
    for scan in person.scans:
        found = {scan.cells[name].pathology for name in index if name in scan.cells} - {""}
        if found and scan.day >= sign.day:
            verdicts.append((scan.day, 0, "viable" in found))
    first = min(verdicts, default=None)
    return None if first is None else (first[0], first[2])


def survive(
    person: Person, *, visits: Sequence[tuple[str, int, int]], censoring: bool
) -> tuple[int, int, str]:
    """Day, cause and rule of progression-free survival by either convention of D2.3.

    `visits` are the scheduled assessments: code, first and last day of the window.
    """
    readings = read_scans(person)
    signs = [r for r in readings if r.progressed and (censoring or stands(person, readings, r))]
    events = [(r.day, 0, "R12" if r.held and not censoring else "R4") for r in signs]
    events += [(person.death, 1, "R5")] if person.death is not None else []
    therapy = person.therapy if censoring else None
    events = [event for event in events if therapy is None or event[0] <= therapy]
    adequate = [(r.day, r.visit) for r in readings if r.overall != "NE"]
    no_baseline = not person.lesions
    if no_baseline and censoring:
        return 0, 0, "R1"
    if events:
        day, kind, rule = min(events)
        before = [seen for seen in adequate if seen[0] < day]
        gap = _missed_two(day, before, visits)
        never = kind == 1 and not before
        if gap and censoring:
            return (before[-1][0] if before else 0), 0, "R3" if never else "R6"
        return day, 1, "R1" if no_baseline else "R3" if never else "R6" if gap else rule
    usable = [day for day, _ in adequate if therapy is None or day <= therapy]
    last = usable[-1] if usable else 0
    if no_baseline and not usable:
        return last, 0, "R1"
    if therapy is not None:
        return last, 0, "R7"
    return last, 0, "R2" if not usable else "R10" if person.lost else "R11"


def _missed_two(
    day: int, before: Sequence[tuple[int, str]], visits: Sequence[tuple[str, int, int]]
) -> bool:
    last, label = before[-1] if before else (0, "")
    codes = [code for code, _, _ in visits]
    done = codes.index(label) + 1 if label in codes else 0
    coming = [
        close for place, (_, opens, close) in enumerate(visits) if opens > last and place >= done
    ]
    return len(coming) >= 2 and day > coming[1]
