"""One subject's scans followed by hand: when they are made, and what they show (D2.3, D8.3)."""

import numpy as np
import pytest

from equipoise.protocol.scenario_model import Attendance
from equipoise.simulate.cohort import NEVER, build_cohort
from equipoise.simulate.lesions import MOST_LESIONS, Lesions
from equipoise.simulate.local_therapy import LocalTherapy
from equipoise.simulate.scans import Scans, Subject, believe, read_scans
from equipoise.simulate.visits import Plan
from simulate.lesion_tables import lesions_of

EXACT = Attendance(target_not_evaluable=0.0)


def scan(
    lesions: Lesions,
    *visits: int,
    new_day: float = NEVER,
    missed: tuple[int, ...] = (),
    extra_days: int = 60,
) -> Scans:
    """The scans of one subject without local therapy or error of reading."""
    day = np.full((1, 2 * len(visits)), NEVER)
    day[0, ::2] = visits
    attended = np.zeros(day.shape, dtype=np.bool_)
    attended[0, ::2] = [visit not in missed for visit in visits]
    shape = (1, MOST_LESIONS)
    local = LocalTherapy(
        day=np.full(shape, NEVER), controlled=np.ones(shape, dtype=np.bool_), rest=np.zeros(shape)
    )
    return read_scans(
        build_cohort(1, replicates=range(1), subjects=1),
        subject=Subject(lesions=lesions, local=local, new_day=np.array([float(new_day)])),
        plan=Plan(
            code=tuple(f"V{number}" for number in range(day.shape[1])),
            day=day,
            attended=attended,
            extra_days=np.full((1, len(visits)), extra_days),
        ),
        attendance=EXACT,
        reading_cv=0.0,
    )


def growing(rate: float, *sizes: float) -> Lesions:
    """Lesions of which nothing is sensitive: each grows at a daily rate."""
    drawn = lesions_of(*sizes)
    return Lesions(**{
        **{name: getattr(drawn, name) for name in Lesions.__slots__},
        "growth": np.full((1, MOST_LESIONS), rate), "sensitive": np.zeros((1, MOST_LESIONS)),
    })  # fmt: skip


def days(scans: Scans) -> list[int]:
    return [int(day) for day in scans.day[0][scans.made[0]]]


def believed(scans: Scans, *, stop: int = NEVER) -> tuple[int | None, int | None]:
    """Progression, and the scan at which the site decided."""
    watch = believe(scans, stop=np.array([stop]))
    found = (int(watch.progressed[0]), int(watch.decided[0]))
    return (
        None if found[0] == NEVER else found[0],
        None if found[1] == NEVER else found[1],
    )


STABLE = growing(0.0, 20.0)
# A lesion of 20 mm that grows so fast is 25 mm from day 168 on, not yet on day 160.
GROWING = growing(float(np.log(25.0 / 20.0)) / 167.5, 20.0)


def test_a_stable_lesion_is_scanned_at_every_visit() -> None:
    scans = scan(STABLE, 84, 168, 252)
    assert days(scans) == [84, 168, 252]
    assert believed(scans) == (None, None)
    assert scans.tenths[0, ::2, 0].tolist() == [200, 200, 200]


def test_who_misses_a_visit_is_not_scanned_on_it() -> None:
    assert days(scan(STABLE, 84, 168, 252, missed=(168,))) == [84, 252]


# the visits | the scans made | progression, and the scan that decides
GROWTH = [
    ((84, 168, 252, 336), [84, 168, 252], (168, 252)),  # the next visit, 84 days on, confirms
    ((84, 168, 253, 336), [84, 168, 228], (168, 228)),  # one day too far: a scan of its own
    ((84, 168, 224), [84, 168, 224], (168, 224)),  # 56 days are enough
    ((84, 168, 223, 336), [84, 168, 223, 336], (168, 336)),  # 55 are not
    ((160, 168, 300), [160, 168, 228], (168, 228)),
    ((84, 168), [84, 168, 228], (168, 228)),  # after the last visit
    ((84, 160), [84, 160], (None, None)),
]


@pytest.mark.parametrize(("visits", "made", "progression"), GROWTH)
def test_growth_is_confirmed_by_the_next_visit_or_a_scan_of_its_own(
    visits: tuple[int, ...], made: list[int], progression: tuple[int | None, int | None]
) -> None:
    scans = scan(GROWING, *visits)
    assert days(scans) == made
    assert believed(scans) == progression


# days asked for | the day of the scan that confirms
@pytest.mark.parametrize(("asked", "day"), [(0, 224), (56, 224), (57, 225), (77, 245)])
def test_a_confirmatory_scan_is_never_earlier_than_eight_weeks(asked: int, day: int) -> None:
    assert days(scan(GROWING, 84, 168, extra_days=asked))[-1] == day


# the day a lesion becomes visible | visits missed | the scans made | progression
NEW = [
    (100, (), [84, 168], 168),
    (84, (), [84], 84),
    (84.5, (), [84, 168], 168),
    (100, (168,), [84, 252], 252),
    (400, (), [84, 168, 252], None),
]


@pytest.mark.parametrize(("day", "missed", "made", "progression"), NEW)
def test_a_new_lesion_is_seen_at_the_next_scan_and_ends_the_scans(
    day: float, missed: tuple[int, ...], made: list[int], progression: int | None
) -> None:
    scans = scan(STABLE, 84, 168, 252, new_day=day, missed=missed)
    assert days(scans) == made
    assert believed(scans) == (progression, progression)


def test_a_scan_after_the_last_day_tells_the_site_nothing() -> None:
    """Who dies before the confirming scan has an event on the day of the suspicion."""
    scans = scan(GROWING, 84, 168, 252)
    assert believed(scans, stop=251) == (168, None)
    assert believed(scans, stop=167) == (None, None)
    assert believed(scans, stop=252) == (168, 252)


def test_local_failure_is_dated_on_the_grid_whoever_decides_before() -> None:
    """A new lesion ends the scans; growth of the lesion is still known, for the truth."""
    scans = scan(GROWING, 84, 168, 252, new_day=50)
    assert days(scans) == [84]
    assert scans.failure_day[0].tolist() == [168, NEVER, NEVER, NEVER, NEVER]


def test_a_lesion_under_three_millimetres_is_absent() -> None:
    melting = growing(-0.02, 12.0)  # below 3 mm after 70 days
    scans = scan(melting, 60, 84)
    assert scans.tenths[0, ::2, 0].tolist() == [36, 0]
    assert scans.target[0, ::2].tolist() == [2, 1]  # PR, then CR
