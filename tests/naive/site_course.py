"""The scans of one subject, visit by visit, in plain Python: the slow twin of the rehearsal's loop.

Written from D3.2, D3.4 and rule R12 of D2.3 alone. Sizes in tenths of a millimetre.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Size = Callable[[int, int, int], int]  # (position, day, lesion) -> tenths of a millimetre


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One subject: its lesions, when it comes, and when a new lesion becomes visible."""

    baseline: Sequence[int]
    is_target: Sequence[bool]
    is_node: Sequence[bool]
    visit_days: Sequence[int]
    is_attended: Sequence[bool]
    extra_days: Sequence[int]
    new_day: float
    size: Size
    cannot_be_judged: Callable[[int, int], bool]


class Story:
    """What the site saw and came to believe; it grows scan by scan."""

    def __init__(self) -> None:
        self.scans: list[tuple[int, int]] = []
        self.first_seen: int | None = None
        self.progressed: int | None = None
        self.decided: int | None = None


class Site:
    """What a site remembers of a subject; it changes scan by scan."""

    def __init__(self, patient: Patient, *, lowest_sum: int, lowest: list[int]) -> None:
        self.patient = patient
        self.lowest_sum = lowest_sum
        self.lowest = lowest
        self.was_clear = False
        self.suspected: int | None = None


def gone(patient: Patient, lesion: int, tenths: int) -> bool:
    return tenths < 100 if patient.is_node[lesion] else tenths == 0


def shows_growth(site: Site, sizes: list[int | None]) -> bool:
    """Progression of targets by their sum, or of a non-target by itself."""
    patient = site.patient
    targets = [lesion for lesion in range(len(sizes)) if patient.is_target[lesion]]
    others = [lesion for lesion in range(len(sizes)) if not patient.is_target[lesion]]
    read = [(lesion, sizes[lesion]) for lesion in targets]
    known = [(lesion, size) for lesion, size in read if size is not None]
    if targets:
        total = sum(size for _, size in known)
        everything_gone = len(known) == len(targets) and all(
            gone(patient, lesion, size) for lesion, size in known
        )
        if not everything_gone:
            if 10 * total >= 12 * site.lowest_sum and total - site.lowest_sum >= 50:
                return True
            if site.lowest_sum == 0 and any(
                not gone(patient, lesion, size) for lesion, size in known
            ):
                return True
    for lesion in others:
        size = sizes[lesion]
        if size is None:
            continue
        low = site.lowest[lesion]
        if 10 * size >= 12 * low and size - low >= 50 and size >= 100:
            return True
        if site.was_clear and not gone(patient, lesion, size):
            return True
    return False


def is_clear(site: Site, sizes: list[int | None]) -> bool:
    """No disease left: every lesion judged and gone."""
    growth = shows_growth(site, sizes)
    everything = all(
        size is not None and gone(site.patient, lesion, size) for lesion, size in enumerate(sizes)
    )
    return everything and not growth


def remember(site: Site, sizes: list[int | None]) -> None:
    clear = is_clear(site, sizes)
    targets = [size for lesion, size in enumerate(sizes) if site.patient.is_target[lesion]]
    known = [size for size in targets if size is not None]
    if len(known) == len(targets):
        site.lowest_sum = min(site.lowest_sum, sum(known))
    for lesion, size in enumerate(sizes):
        if size is not None:
            site.lowest[lesion] = min(site.lowest[lesion], size)
    site.was_clear = site.was_clear or clear


def look(site: Site, story: Story, position: int, day: int) -> bool:
    """One scan; True when it opens a suspicion."""
    patient = site.patient
    sizes: list[int | None] = [
        None if patient.cannot_be_judged(position, lesion) else patient.size(position, day, lesion)
        for lesion in range(len(patient.baseline))
    ]
    story.scans.append((position, day))
    growth, new = shows_growth(site, sizes), patient.new_day <= day
    remember(site, sizes)
    opened = False
    if (growth or new) and story.first_seen is None:
        story.first_seen = day
    if site.suspected is not None and day - site.suspected >= 56:
        if growth:
            story.progressed, story.decided = site.suspected, day
        elif None not in sizes:
            site.suspected = None
    elif site.suspected is None and growth:
        site.suspected, opened = day, True
    if new and story.decided is None:
        story.decided = day
        story.progressed = day if site.suspected is None else site.suspected
    return opened


def follow(patient: Patient) -> Story:
    """The whole story of a subject whom nothing but progression stops."""
    targets = [
        size for size, target in zip(patient.baseline, patient.is_target, strict=True) if target
    ]
    site = Site(patient, lowest_sum=sum(targets), lowest=list(patient.baseline))
    story = Story()
    for visit, day in enumerate(patient.visit_days):
        if story.decided is not None:
            break
        if not patient.is_attended[visit]:
            continue
        opened = look(site, story, 2 * visit, day)
        ahead = patient.visit_days[visit + 1] if visit + 1 < len(patient.visit_days) else 10**7
        if opened and story.decided is None and ahead - day > 84:
            look(site, story, 2 * visit + 1, day + patient.extra_days[visit])
    if story.progressed is None and site.suspected is not None:
        story.progressed = site.suspected
    return story
