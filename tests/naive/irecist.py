"""Slow twin of iRECIST (Seymour 2017; D3.8), one subject at a time, one scan after the other.

The RECIST 1.1 part of a scan comes from the slow reading `progression`; here is what a reader of
iRECIST adds: new lesions followed by themselves, the open iUPD, what confirms it, what resets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from naive.progression import (
    FIVE_MM,
    SHOWN,
    TEN_MM,
    Cell,
    Lesion,
    Person,
    Reading,
    grown,
    is_gone,
    read_cells,
    read_scans,
)

FOUR_WEEKS = 28
FIFTEEN_MM = 150
IWORDS = {"NE": "NE", "PD": "iUPD", "NON-CR/NON-PD": "NON-iCR/NON-iUPD"}
RANKS = {"PD": 0, "SD": 1, "NON-CR/NON-PD": 1, "PR": 2, "CR": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A new lesion as entered at a scan."""

    sure: bool
    organ: str
    tenths: int | None = None
    increased: bool | None = None

    @property
    def is_node(self) -> bool:
        """Whether it is a lymph node."""
        return self.organ == "nodes"

    @property
    def is_normal_node(self) -> bool:
        """Whether it is a node of normal size, which is no lesion."""
        return self.is_node and self.tenths is not None and self.tenths < TEN_MM


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A subject, with the new lesions at each scan and what is said of non-targets growing."""

    person: Person
    sights: tuple[Mapping[str, Sight], ...]
    increased: tuple[Mapping[str, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """What the new lesions seen so far come to at a scan."""

    here: bool = False
    names: frozenset[str] = frozenset()
    total: int | None = None
    available: int = 0
    grown: bool = False
    larger: bool = False
    unequivocal: bool = False
    gone: bool = False
    read: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """An unconfirmed progression: its categories, when it began, what growth is held against."""

    causes: frozenset[str]
    day: int
    visit: str
    total: int | None
    new_total: int | None
    names: frozenset[str]
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IReading:
    """What a scan comes to by iRECIST; categories by letter: T targets, N non-targets, L new."""

    visit: str
    new_total: int | None
    overall: str
    causes: frozenset[str] = frozenset()
    confirming: frozenset[str] = frozenset()
    of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is remembered between scans."""

    running: Open | None = None
    confirmed: bool = False
    cleared: bool = False
    read: tuple[IReading, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """A scan as it bears on an open iUPD."""

    base: str
    signs: set[str]
    available: int
    larger: bool


def first_seen(patient: Patient) -> dict[str, int]:
    """The scan of the first sighting of every new lesion that was unequivocal at any time."""
    found: dict[str, int] = {}
    certain: set[str] = set()
    normal: dict[str, int] = {}
    for place, scan in enumerate(patient.sights):
        for name, sight in scan.items():
            if sight.is_normal_node and sight.tenths is not None:
                normal[name] = min(sight.tenths, normal.get(name, TEN_MM))
            elif not _small_growth(sight, normal.get(name)):
                found.setdefault(name, place)
                certain |= {name} if sight.sure else set()
    return {name: place for name, place in found.items() if name in certain}


def _small_growth(sight: Sight, smallest: int | None) -> bool:
    """Whether a node that was normal before has not really grown: 9 to 11 mm is no disease."""
    if smallest is None or sight.tenths is None:
        return False
    return not grown(sight.tenths, smallest)


def choose_targets(patient: Patient) -> set[str]:
    """At most five measurable new lesions, two an organ: first come, then the larger."""
    seen = first_seen(patient)
    able = []
    for name, place in seen.items():
        sight = patient.sights[place][name]
        least = FIFTEEN_MM if sight.is_node else TEN_MM
        if sight.tenths is not None and sight.tenths >= least:
            able.append((place, -sight.tenths, name, sight.organ))
    chosen: list[str] = []
    organs: list[str] = []
    for _, _, name, organ in sorted(able):
        if organs.count(organ) < 2:
            organs.append(organ)
            chosen.append(name)
    return set(chosen[:5])


def read_new(patient: Patient) -> list[New]:
    """The new lesions at every scan."""
    seen, targets = first_seen(patient), choose_targets(patient)
    sizes: dict[str, int] = {}
    smallest: int | None = None
    found = []
    for place, scan in enumerate(patient.sights):
        known = {name for name, first in seen.items() if first <= place}
        here = {name for name in known if seen[name] == place}
        own = known & targets
        measured = {n: s.tenths for n, s in scan.items() if n in known and s.tenths is not None}
        whole = bool(own) and own <= set(measured)
        available = sum(measured[name] for name in own & set(measured))
        smallest = None if here & targets else smallest
        growing = [_growth(scan[n], sizes.get(n)) for n in known - targets - here if n in scan]
        found.append(
            New(
                here=bool(here),
                names=frozenset(known),
                total=available if whole else None,
                available=available,
                grown=smallest is not None and grown(available, smallest),
                larger=any(larger for larger, _ in growing),
                unequivocal=any(much for _, much in growing),
                gone=bool(known) and all(_is_gone(scan.get(name)) for name in known),
                read=bool(known & set(scan)),
            )
        )
        sizes.update(measured)
        smallest = (
            min(available, available if smallest is None else smallest) if whole else smallest
        )
    return found


def _growth(sight: Sight, before: int | None) -> tuple[bool, bool]:
    """Whether a lesion is larger, and whether unequivocally: the reader's word, else the size."""
    if sight.increased is not None:
        return sight.increased, sight.increased
    if sight.tenths is None or before is None:
        return False, False
    return sight.tenths > before, sight.tenths >= before + FIVE_MM


def _is_gone(sight: Sight | None) -> bool:
    return sight is not None and (sight.tenths == 0 or sight.is_normal_node)


def non_targets_larger(patient: Patient) -> list[bool]:
    """Whether a non-target is unequivocally larger than when it was last measured, per scan."""
    sizes = {lesion.name: lesion.tenths for lesion in patient.person.lesions}
    found = []
    for cells, said in zip(read_cells(patient.person), patient.increased, strict=True):
        larger = False
        for lesion in (each for each in patient.person.lesions if not each.target):
            now = cells[lesion.name].tenths
            by_size = now is not None and now >= sizes[lesion.name] + FIVE_MM
            larger |= said.get(lesion.name, by_size)
        sizes |= {name: cell.tenths for name, cell in cells.items() if cell.tenths is not None}
        found.append(larger)
    return found


def read_irecist(patient: Patient) -> tuple[IReading, ...]:
    """Every scan of a patient by iRECIST."""
    return _follow(patient).read


def progress(patient: Patient) -> tuple[str, bool] | None:
    """The visit of the iUPD that counts and whether it was confirmed; None without."""
    course = _follow(patient)
    return None if course.running is None else (course.running.visit, course.confirmed)


def _follow(patient: Patient) -> Course:
    course = Course()
    rows = zip(
        read_scans(patient.person),
        read_cells(patient.person),
        read_new(patient),
        non_targets_larger(patient),
        strict=True,
    )
    for reading, cells, new, larger in rows:
        course = _next(patient.person, course, reading, cells, new, larger=larger)
    return course


def _next(
    person: Person,
    course: Course,
    reading: Reading,
    cells: Mapping[str, Cell],
    new: New,
    *,
    larger: bool,
) -> Course:
    """The course after one more scan."""
    signs = _signs(person, course, reading, cells, new)
    base = "PD" if signs & {"T", "N"} else _base(person, reading, new)
    told = IReading(visit=reading.visit, new_total=new.total, overall="")
    running = course.running
    if course.confirmed and running is not None:
        return _tell(course, replace(told, overall="iCPD", causes=running.causes))
    if running is None and signs:
        begun = Open(
            causes=frozenset(signs),
            day=reading.day,
            visit=reading.visit,
            total=reading.total,
            new_total=new.total,
            names=new.names,
            rank=RANKS.get(base),
        )
        return _tell(
            replace(course, running=begun), replace(told, overall="iUPD", causes=begun.causes)
        )
    if running is None:
        return _tell(course, replace(told, overall=_letters(base)))
    facts = Now(base=base, signs=signs, available=_available(person, cells), larger=larger)
    told = replace(told, causes=running.causes)
    if reading.day - running.day < FOUR_WEEKS:
        blank = _base(person, reading, new) == "NE" and not signs and not new.read
        return _tell(course, replace(told, overall="NE" if blank else "iUPD"))
    return _decide(replace(course, running=running), told, reading, new, facts)


def _decide(course: Course, told: IReading, reading: Reading, new: New, now: Now) -> Course:
    """A scan four weeks or more after the iUPD: it confirms, leaves open or resets."""
    running = course.running
    assert running is not None
    confirming = _confirm(running, now, new)
    if confirming:
        done = replace(told, overall="iCPD", confirming=confirming, of=running.visit)
        return _tell(replace(course, confirmed=True), done)
    overall = _unconfirmed(running, now, reading, new)
    if overall in ("iUPD", "NE"):
        later = replace(
            running,
            total=reading.total if running.total is None else running.total,
            new_total=new.total if running.new_total is None else running.new_total,
            rank=RANKS.get(now.base) if running.rank is None else running.rank,
        )
        return _tell(replace(course, running=later), replace(told, overall=overall))
    return _tell(replace(course, running=None), replace(told, overall=overall))


def _tell(course: Course, told: IReading) -> Course:
    cleared = course.cleared or told.overall == "iCR"
    return replace(course, read=(*course.read, told), cleared=cleared)


def _signs(
    person: Person, course: Course, reading: Reading, cells: Mapping[str, Cell], new: New
) -> set[str]:
    """The categories that are progressive by RECIST 1.1; after an iCR whatever is back."""
    found = set()
    back = [each for each in person.lesions if course.cleared and _is_there(each, cells)]
    if reading.target == "PD" or any(each.target and not each.node for each in back):
        found.add("T")
    if reading.other == "PD" or any(not each.target for each in back):
        found.add("N")
    there = course.cleared and bool(new.names) and new.read and not new.gone
    if new.here or new.grown or new.unequivocal or there:
        found.add("L")
    return found


def _is_there(lesion: Lesion, cells: Mapping[str, Cell]) -> bool:
    cell = cells[lesion.name]
    if not lesion.target and cell.status in SHOWN and cell.tenths is None:
        return True
    return cell.tenths is not None and not is_gone(lesion, cell.tenths)


def _base(person: Person, reading: Reading, new: New) -> str:
    """The response of targets and non-targets; no complete response beside a new lesion."""
    if "PD" in (reading.target, reading.other):
        return "PD"
    if not person.lesions:
        return "NE"
    there = bool(new.names) and not new.gone
    if reading.target is None:
        other = reading.other or "NE"
        return "NON-CR/NON-PD" if there and other == "CR" else other
    if reading.target == "CR" and (there or reading.other not in (None, "CR")):
        return "PR"
    return reading.target


def _letters(response: str) -> str:
    return IWORDS.get(response, f"i{response}")


def _available(person: Person, cells: Mapping[str, Cell]) -> int:
    return sum(cells[each.name].tenths or 0 for each in person.lesions if each.target)


def _confirm(running: Open, now: Now, new: New) -> frozenset[str]:
    """The categories that confirm: growth in one of the iUPD, or progression in another."""
    found = now.signs - running.causes
    if "T" in running.causes and running.total is not None:
        found |= {"T"} if now.available >= running.total + FIVE_MM else set()
    if "N" in running.causes and now.larger:
        found.add("N")
    if new.names - running.names:
        found.add("L")
    if "L" in running.causes:
        known = running.new_total is not None
        by_sum = known and new.available >= (running.new_total or 0) + FIVE_MM
        found |= {"L"} if by_sum or new.larger else set()
    return frozenset(found)


def _unconfirmed(running: Open, now: Now, reading: Reading, new: New) -> str:
    """What a scan is called that does not confirm: iUPD, NE, or the response that resets."""
    if running.causes & now.signs & {"T", "N"}:
        return "iUPD"
    blank = now.base == "NE" and not new.read
    shrunk = _shrunk(running, reading, now.base)
    if "L" in running.causes and not new.gone and not shrunk and not blank:
        return "iUPD"
    unread = ("T" in running.causes and reading.target == "NE") or (
        "N" in running.causes and reading.other == "NE"
    )
    return "NE" if unread or now.base == "NE" else _letters(now.base)


def _shrunk(running: Open, reading: Reading, base: str) -> bool:
    """A better response than at the iUPD, or a target sum at least 5 mm smaller."""
    rank = RANKS.get(base)
    if rank is None:
        return False
    if running.rank is not None and rank > running.rank:
        return True
    known = running.total is not None and reading.total is not None
    return known and rank > 0 and (reading.total or 0) <= (running.total or 0) - FIVE_MM
