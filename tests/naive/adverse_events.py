"""Slow twin of treatment emergence and of what an endpoint counts, event by event (D2.6)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

SEVERE = 3
AGES_AWAY = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record of one term: days from randomisation, `end` None where it goes on."""

    number: int
    onset: int
    end: int | None
    grade: int

    @property
    def last(self) -> int:
        """The last day, a far one where it goes on."""
        return AGES_AWAY if self.end is None else max(self.end, self.onset)


def chain(records: Iterable[Record]) -> list[list[Record]]:
    """The records in chains: each starts at the latest on the day after the chain has ended."""
    chains: list[list[Record]] = []
    for record in sorted(records, key=lambda r: (r.onset, r.number)):
        if chains and record.onset <= max(r.last for r in chains[-1]) + 1:
            chains[-1].append(record)
        else:
            chains.append([record])
    return chains


def emergent(records: Sequence[Record], *, treated: int | None) -> set[int]:
    """The numbers of the records that emerge under treatment."""
    found: set[int] = set()
    for linked in chain(records):
        for record in linked:
            if treated is None or record.onset < treated:
                continue
            there = [r.grade for r in linked if r.onset < treated and r.last >= treated - 1]
            if not there or record.grade > max(there):
                found.add(record.number)
    return found


def worst(records: Sequence[Record], *, treated: int | None) -> tuple[int, int, int | None] | None:
    """The worst grade, the first day, the first day of grade 3; None when nothing emerged."""
    kept = [r for r in records if r.number in emergent(records, treated=treated)]
    if not kept:
        return None
    severe = [r.onset for r in kept if r.grade >= SEVERE]
    return max(r.grade for r in kept), min(r.onset for r in kept), min(severe, default=None)


def severe_events(
    records: Sequence[Record], *, treated: int | None
) -> list[tuple[int, int | None, int, bool]]:
    """Onset, end, highest grade and emergence of each event of grade 3 or higher."""
    found = []
    for flag in (True, False):
        kept = [
            r
            for r in records
            if r.grade >= SEVERE and (r.number in emergent(records, treated=treated)) is flag
        ]
        for linked in chain(kept):
            last = max(r.last for r in linked)
            end = None if last == AGES_AWAY else last
            found.append((linked[0].onset, end, max(r.grade for r in linked), flag))
    return sorted(found)
