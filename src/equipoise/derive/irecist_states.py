"""The course of a subject by iRECIST: open, confirmed and reset progressions (D3.8).

All subjects go through their first assessment together, then through their second, and so on:
arrays with a value an assessment (`Facts`, `Track`) or a value a subject (`Memory`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import IntEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

CONFIRM_AFTER_DAYS = 28  # Seymour 2017: 4 weeks; a scan before decides nothing
FURTHER_TENTHS = 50  # Seymour 2017: a further increase is 5 mm
UNKNOWN = -1


class IResponse(IntEnum):
    """A response as small number; PD stands for a progression not yet judged."""

    NE = 0
    NED = 1
    NON = 2
    SD = 3
    PR = 4
    CR = 5
    PD = 6
    CPD = 7


# how well, to tell shrinkage: progression, then stable, partial, complete; unknown where not told
_RANK = np.array([UNKNOWN, UNKNOWN, 1, 1, 2, 3, 0, 0], dtype=np.int64)


class Category(IntEnum):
    """What progresses, a bit each: three categories of lesions (Seymour 2017, table 2)."""

    TARGET = 1
    NON_TARGET = 2
    NEW = 4


_OLD = int(Category.TARGET | Category.NON_TARGET)


class Way(IntEnum):
    """What confirms, a bit each: growth in a category of the iUPD, or progression in another."""

    TARGET_LARGER = 1
    NON_TARGET_LARGER = 2
    MORE_NEW = 4
    NEW_TARGET_LARGER = 8
    NEW_OTHER_LARGER = 16
    TARGET = 32
    NON_TARGET = 64
    NEW = 128


class Step(IntEnum):
    """What an assessment did to the course."""

    PLAIN = 0
    FIRST = 1
    REMAINS = 2
    TOO_SOON = 3
    CONFIRMED = 4
    AFTER = 5
    UNREAD = 6
    RESET = 7


# the response of each step; unknown: what the lesions say
_RESPONSE = np.array(
    [UNKNOWN, *[IResponse.PD] * 3, *[IResponse.CPD] * 2, IResponse.NE, UNKNOWN], dtype=np.int64
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What each assessment shows, a value an assessment; sums in tenths, -1 where not known.

    `base` is the response without new lesions (PD where targets or non-targets progress);
    `total` the target sum, `available` what is known of it; `back`, `shown`: a target, a
    non-target is there. Of new lesions: `new_count` so far, `new_here` seen first here.
    """

    subject: Ints
    order: Ints
    day: Ints
    base: Ints
    target_progressed: Flags
    target_unread: Flags
    back: Flags
    total: Ints
    available: Ints
    non_target_progressed: Flags
    non_target_unread: Flags
    non_target_larger: Flags
    shown: Flags
    new_here: Flags
    new_count: Ints
    new_sum: Ints
    new_available: Ints
    new_grown: Flags
    new_other_larger: Flags
    new_other_unequivocal: Flags
    new_gone: Flags
    new_read: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a reader remembers, a value a subject.

    `causes` of the open iUPD (0: none), whether it is `confirmed`, the `row` and `day` it began;
    what further growth is measured against: target sum, sum and number of new lesions, response;
    `cleared`: an iCR was reached.
    """

    causes: Ints
    confirmed: Flags
    row: Ints
    day: Ints
    total: Ints
    new_sum: Ints
    new_count: Ints
    rank: Ints
    cleared: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """What each assessment comes to: response, categories of the iUPD in force, ways, step, row.

    `row` is the assessment at which that iUPD began (-1: none is in force).
    """

    response: Ints
    causes: Ints
    ways: Ints
    step: Ints
    row: Ints


_NUMBERS = ("row", "day", "total", "new_sum", "new_count", "rank")
_Values = TypeVar("_Values", Facts, Memory)
_Written = TypeVar("_Written", Track, Memory)


def follow_subjects(facts: Facts) -> tuple[Track, Memory]:
    """The assessments judged one after the other, and what is remembered at the end."""
    count = int(facts.subject.max()) + 1 if facts.subject.size else 0
    memory = _nothing_yet(count)
    track = Track(**{each.name: np.zeros(facts.subject.size, np.int64) for each in fields(Track)})
    for position in range(int(facts.order.max()) + 1 if facts.order.size else 0):
        rows = np.flatnonzero(facts.order == position)
        now = _at(facts, rows)
        was = _at(memory, now.subject)
        seen, then = _judge(now, was, rows)
        _put(track, seen, rows)
        _put(memory, then, now.subject)
    return track, memory


def _nothing_yet(count: int) -> Memory:
    numbers = {name: np.full(count, UNKNOWN, np.int64) for name in _NUMBERS}
    return Memory(
        causes=np.zeros(count, np.int64),
        confirmed=np.zeros(count, np.bool_),
        cleared=np.zeros(count, np.bool_),
        **numbers,
    )


def _at(values: _Values, rows: Ints) -> _Values:
    picked = {each.name: getattr(values, each.name)[rows] for each in fields(values)}
    return replace(values, **picked)


def _put(values: _Written, new: _Written, rows: Ints) -> None:
    for each in fields(values):
        getattr(values, each.name)[rows] = getattr(new, each.name)


def _signs(now: Facts, was: Memory) -> Ints:
    """The categories that meet RECIST 1.1 progression here; after an iCR, whatever is back.

    New lesions that stood when the bar was reset count again when further ones come, when the new
    targets grow by a fifth and 5 mm, or the others unequivocally.
    """
    present = (now.new_count > 0) & ~now.new_gone & now.new_read
    target = now.target_progressed | (was.cleared & now.back)
    other = now.non_target_progressed | (was.cleared & now.shown)
    new = now.new_here | now.new_grown | now.new_other_unequivocal | (was.cleared & present)
    pairs = ((target, Category.TARGET), (other, Category.NON_TARGET), (new, Category.NEW))
    return _bits(pairs)


def _ways(now: Facts, was: Memory, signs: Ints) -> Ints:
    """What confirms the open iUPD here: against its own values, so that growth adds up."""
    more_new = now.new_count > was.new_count
    sums = (was.total >= 0) & (now.available >= was.total + FURTHER_TENTHS)
    new_sums = (was.new_sum >= 0) & (now.new_available >= was.new_sum + FURTHER_TENTHS)
    target, other, new = (_has(was.causes, each) for each in Category)
    elsewhere_new = more_new | _has(signs, Category.NEW)
    pairs = (
        (target & sums, Way.TARGET_LARGER),
        (other & now.non_target_larger, Way.NON_TARGET_LARGER),
        (new & more_new, Way.MORE_NEW),
        (new & new_sums, Way.NEW_TARGET_LARGER),
        (new & now.new_other_larger, Way.NEW_OTHER_LARGER),
        (~target & _has(signs, Category.TARGET), Way.TARGET),
        (~other & _has(signs, Category.NON_TARGET), Way.NON_TARGET),
        (~new & elsewhere_new, Way.NEW),
    )
    return _bits(pairs)


def _bits(pairs: Sequence[tuple[Flags, Category | Way]]) -> Ints:
    """One number a row: the sum of what holds."""
    parts = np.stack([np.where(holds, int(bit), 0) for holds, bit in pairs])
    return np.asarray(parts.sum(axis=0), dtype=np.int64)


def _has(bits: Ints, category: Category) -> Flags:
    return np.asarray(bits & int(category) != 0, dtype=np.bool_)


def _shrunk(now: Facts, was: Memory, rank: Ints) -> Flags:
    """Whether disease known before has shrunk since the iUPD: a better response, or 5 mm less."""
    better = (was.rank >= 0) & (rank > was.rank)
    less = (was.total >= 0) & (now.total >= 0) & (now.total <= was.total - FURTHER_TENTHS)
    return better | (less & (rank > 0))


def _stands(now: Facts, was: Memory, signs: Ints, rank: Ints) -> tuple[Flags, Flags]:
    """Whether a category of the open iUPD is progressive still, or could not be read.

    A new lesion that neither grows nor goes keeps the iUPD open until other disease shrinks.
    """
    unread = (now.base == IResponse.NE) & ~now.new_read
    new = _has(was.causes, Category.NEW) & ~now.new_gone & ~_shrunk(now, was, rank)
    same = was.causes & signs & _OLD != 0
    lost = (_has(was.causes, Category.TARGET) & now.target_unread) | (
        _has(was.causes, Category.NON_TARGET) & now.non_target_unread
    )
    return same | (new & ~unread), lost | (new & unread) | (now.base == IResponse.NE)


def _judge(now: Facts, was: Memory, rows: Ints) -> tuple[Track, Memory]:
    """One assessment of each subject, knowing the earlier ones."""
    signs = _signs(now, was)
    base = np.where(signs & _OLD, IResponse.PD, now.base)
    rank = _RANK[base]
    is_open = (was.causes > 0) & ~was.confirmed
    ways = np.where(is_open, _ways(now, was, signs), 0)
    step = _step(now, was, signs=signs, ways=ways, rank=rank)
    then = _remember(replace(now, base=rank), was, step=step, signs=signs, rows=rows)
    given = _RESPONSE[step]
    response = np.where(given == UNKNOWN, base, given)
    track = Track(
        response=response,
        causes=np.where(step == Step.RESET, was.causes, then.causes),
        ways=np.where(step == Step.CONFIRMED, ways, 0),
        step=step,
        row=np.where(step == Step.RESET, was.row, then.row),
    )
    return track, replace(then, cleared=then.cleared | (response == IResponse.CR))


def _step(now: Facts, was: Memory, *, signs: Ints, ways: Ints, rank: Ints) -> Ints:
    """What each assessment does to the course, the first that holds."""
    is_open = (was.causes > 0) & ~was.confirmed
    soon = now.day - was.day < CONFIRM_AFTER_DAYS
    stands, unread = _stands(now, was, signs, rank)
    blank = (now.base == IResponse.NE) & (signs == 0) & ~now.new_read
    steps = (
        (was.confirmed, Step.AFTER),
        (~is_open & (signs > 0), Step.FIRST),
        (~is_open, Step.PLAIN),
        (soon & blank, Step.UNREAD),
        (soon, Step.TOO_SOON),
        (ways > 0, Step.CONFIRMED),
        (stands, Step.REMAINS),
        (unread, Step.UNREAD),
    )
    found = np.select([when for when, _ in steps], [step for _, step in steps], Step.RESET)
    return np.asarray(found, dtype=np.int64)


def _remember(now: Facts, was: Memory, *, step: Ints, signs: Ints, rows: Ints) -> Memory:
    """What is known after an assessment; `now.base` holds the rank of the response.

    A value that was not known when the iUPD began is taken from the first scan that tells it.
    """
    first, reset = step == Step.FIRST, step == Step.RESET
    later = (step == Step.REMAINS) | (step == Step.UNREAD)

    def since(old: Ints, new: Ints, *, fill: bool = False) -> Ints:
        begun = first | (later & (old == UNKNOWN)) if fill else first
        return np.where(reset, UNKNOWN, np.where(begun, new, old))

    return Memory(
        causes=np.where(reset, 0, np.where(first, signs, was.causes)),
        confirmed=was.confirmed | (step == Step.CONFIRMED),
        row=since(was.row, rows),
        day=since(was.day, now.day),
        total=since(was.total, now.total, fill=True),
        new_sum=since(was.new_sum, now.new_sum, fill=True),
        new_count=since(was.new_count, now.new_count),
        rank=since(was.rank, now.base, fill=True),
        cleared=was.cleared,
    )
