"""When a site believes in progression: an index lesion's is held until confirmed (D2.3, R12)."""

from dataclasses import dataclass

import numpy as np

from equipoise.simulate.cohort import NEVER, Flags, Ints

CONFIRM_AFTER_DAYS = 56  # D2.3 R12: at least 8 weeks


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Per subject, days or `NEVER`: the open suspicion, the first one ever seen, the
    progression believed in with its date, and the scan at which the site decided."""

    suspected: Ints
    first_seen: Ints
    progressed: Ints
    decided: Ints


def build_watch(subjects: int) -> Watch:
    """Nothing seen yet."""
    never = np.full(subjects, NEVER, dtype=np.int64)
    return Watch(suspected=never, first_seen=never, progressed=never, decided=never)


def watch_scan(
    watch: Watch, *, day: Ints, seen: Flags, suspicious: Flags, new: Flags, cleared: Flags
) -> Watch:
    """The watch after one scan: `new` lesions count at once, growth once confirmed.

    `seen` marks the subjects scanned; a suspicion ends where the scan, at least 8 weeks later,
    is `cleared`: judged and without progression.
    """
    active = seen & (watch.decided == NEVER)
    late = active & (day - watch.suspected >= CONFIRM_AFTER_DAYS) & (watch.suspected < NEVER)
    confirmed = late & suspicious
    by_new = active & new
    progressed = np.where(confirmed, watch.suspected, np.where(by_new, day, watch.progressed))
    opened = active & suspicious & (watch.suspected == NEVER)
    suspected = np.where(late & cleared & ~suspicious, NEVER, watch.suspected)
    return Watch(
        suspected=np.where(opened, day, suspected),
        first_seen=np.where(
            active & (suspicious | new), np.minimum(watch.first_seen, day), watch.first_seen
        ),
        progressed=progressed,
        decided=np.where(confirmed | by_new, day, watch.decided),
    )


def settle(watch: Watch) -> Watch:
    """The watch when nothing more is to come: an open suspicion is an event at its first date.

    A new lesion later than an open suspicion that nobody could confirm leaves the earlier date.
    """
    return Watch(
        suspected=watch.suspected,
        first_seen=watch.first_seen,
        progressed=np.minimum(watch.progressed, watch.suspected),
        decided=watch.decided,
    )
