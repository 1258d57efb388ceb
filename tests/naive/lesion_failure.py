"""Slow twin of local control: failure of one lesion, scan after scan (D2.5, rule R12)."""

from collections.abc import Mapping, Sequence

from naive.progression import (
    EIGHT_WEEKS,
    SHOWN,
    TEN_MM,
    Cell,
    Lesion,
    Person,
    grown,
    read_cells,
)


def fail(person: Person, lesion: Lesion) -> int | None:
    """The day of local failure of an index lesion; None when it has not failed."""
    cells = read_cells(person)
    signs: dict[int, bool] = {}
    biopsies: dict[int, bool] = {}
    for place, scan in enumerate(person.scans):
        cell = cells[place][lesion.name]
        if cell.status == "resected":
            break
        if cell.pathology:
            biopsies[scan.day] = cell.pathology == "viable"
        if cell.status == "merged" or (cell.tenths is None and cell.status not in SHOWN):
            continue
        nadir = _reference(person, lesion, cells[: place + 1])
        signs[scan.day] = cell.status == "progression" or _failing(lesion, cell.tenths, nadir)
    days = [day for day, viable in biopsies.items() if viable]
    suspected = [day for day, sign in signs.items() if sign]
    for day in suspected:
        due = day + EIGHT_WEEKS
        for earlier in (each for each in suspected if each < day):
            found = _verdict(earlier, earlier + EIGHT_WEEKS, signs, biopsies)
            due = min([due, *(when for when, _, again in found if when > day and not again)])
        if all(again for _, _, again in _verdict(day, due, signs, biopsies)):
            days.append(day)
    return min(days) if days else None


def _verdict(
    day: int, due: int, signs: Mapping[int, bool], biopsies: Mapping[int, bool]
) -> list[tuple[int, int, bool]]:
    """Day, rank and word of what judged a sign; empty while nothing has."""
    verdicts = [(d, 0, viable) for d, viable in biopsies.items() if d >= day]
    verdicts += [(d, 1, again) for d, again in signs.items() if d >= due]
    return sorted(verdicts)[:1]


def control(person: Person, lesion: Lesion) -> tuple[int, int, str]:
    """Day, cause (2 = death competes) and rule of the local control of an index lesion."""
    own = [
        (scan.day, row[lesion.name], lesion.name in scan.cells)
        for scan, row in zip(person.scans, read_cells(person), strict=True)
    ]
    removed = min((day for day, cell, _ in own if cell.status == "resected"), default=None)
    failed = fail(person, lesion)
    events = [(failed, 1, "LF")] if failed is not None else []
    events += [(person.death, 2, "LC-D")] if person.death is not None else []
    events = [event for event in events if removed is None or event[0] <= removed]
    if events:
        return min(events)
    judged = [
        day
        for day, cell, entered in own
        if entered and cell.status not in ("merged", "resected")
        if cell.tenths is not None or cell.status in SHOWN
    ]
    last = max((day for day in judged if removed is None or day <= removed), default=0)
    return last, 0, "LC-R" if removed is not None else "LC-C" if last else "R2"


def _absorbed(person: Person, lesion: Lesion, row: Mapping[str, Cell]) -> frozenset[str]:
    """The lesions that have merged into this one."""
    pairs = ((other.name, row[other.name]) for other in person.lesions)
    return frozenset(
        name for name, c in pairs if c.status == "merged" and c.merged_into == lesion.name
    )


def _reference(person: Person, lesion: Lesion, rows: Sequence[Mapping[str, Cell]]) -> int:
    """What a lesion is held against: its smallest size, or that of the same mass, or its parts'."""
    *earlier, now = rows
    merged = _absorbed(person, lesion, now)
    if not merged:
        return _lowest(lesion, earlier)
    before = [(_absorbed(person, lesion, row), row) for row in earlier]
    alone = _lowest(lesion, [row for with_it, row in before if not with_it])
    parts = alone + sum(_lowest(o, earlier) for o in person.lesions if o.name in merged)
    same = [row[lesion.name].tenths for with_it, row in before if with_it == merged]
    return min([parts, *(size for size in same if size is not None)])


def _lowest(lesion: Lesion, earlier: Sequence[Mapping[str, Cell]]) -> int:
    cells = [row[lesion.name] for row in earlier]
    own = [c.tenths for c in cells if c.status != "merged" and c.tenths is not None]
    return min([lesion.tenths, *own])


def _failing(lesion: Lesion, now: int | None, nadir: int) -> bool:
    if now is None:
        return nadir == 0
    if nadir == 0 and now > 0 and not (lesion.node and now < TEN_MM):
        return True
    return grown(now, nadir) and (nadir >= TEN_MM or now >= TEN_MM)
