"""The story of one subject as values, before it is printed or drawn."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who the subject is. `arm` is empty where no allocation is known; `strata` are label, value.

    `facts` are further sentences: eligibility, last contact, death, end of study.
    """

    subject: str
    site: str
    sex: str
    age_years: int | None
    randomised_date: date | None
    strata: tuple[tuple[str, str], ...]
    arm: str
    arm_label: str
    last_alive_date: date | None
    death_date: date | None
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineLesion:
    """A lesion of the baseline list; index lesions would be irradiated in either arm."""

    lesion: str
    site: str
    kind: str
    role: str
    index: bool
    scan_date: date | None
    tenths_mm: int | None
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Treatment:
    """A stretch or a day of treatment: `systemic`, `sbrt`, `surgery` or `later`.

    `lane` groups what belongs together (an agent, a lesion); `action` is given, reduced, held or
    stopped for systemic therapy. `stop_date` is None while it goes on or is not known.
    """

    kind: str
    lane: str
    start_date: date
    stop_date: date | None
    day: int | None
    action: str
    words: str
    dates: tuple[date, ...]
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionReading:
    """What one scan says of one lesion; `tenths_mm` is what enters the sum, None where unknown."""

    lesion: str
    role: str
    status: str
    tenths_mm: int | None
    words: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLesion:
    """A lesion that was not in the baseline list, at one sighting; `counts` here or not."""

    lesion: str
    site: str
    certainty: str
    counts: bool
    words: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """A progression held under rule R12 and what became of it: confirmed, refuted or not judged."""

    outcome: str
    counts: bool
    verdict_date: date | None
    words: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssessmentTold:
    """One assessment: sizes, sum, nadir before, responses (codes), and why, in sentences.

    `from_baseline` and `from_nadir` are changes in tenths of a per cent, cut off, not rounded.
    `counts` is None unless it is a progression; `earlier` names the visit of an earlier one that
    counts, after which a further progression changes nothing.
    """

    visit: str
    label: str
    first_date: date | None
    last_date: date | None
    day: int | None
    baseline: bool
    readings: tuple[LesionReading, ...]
    new_lesions: tuple[NewLesion, ...]
    sum_tenths_mm: int | None
    nadir_tenths_mm: int | None
    nadir_label: str
    from_baseline: int | None
    from_nadir: int | None
    target_response: str
    non_target_response: str
    response: str
    adequate: bool
    why: tuple[str, ...]
    progression_date: date | None
    counts: bool | None
    hold: Hold | None
    earlier: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionStep:
    """One scan of a lesion followed by itself, with its change from its own smallest size.

    The nadir of a mass is that of the lesions in it together. `note` says what became of a growth
    that did not stand.
    """

    label: str
    scan_date: date | None
    day: int | None
    tenths_mm: int | None
    words: str
    nadir_tenths_mm: int | None
    from_nadir: int | None
    note: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LesionTold:
    """A baseline lesion through time, and the local failure that was found in it, if any."""

    lesion: BaselineLesion
    steps: tuple[LesionStep, ...]
    failure_date: date | None
    failure: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one convention says of an endpoint: when the time ended, by which rule, and on what.

    `ended` is event, competing event, censored or not at risk; `compared` tells the difference
    from the primary convention (empty for that one).
    """

    endpoint: str
    endpoint_label: str
    convention: str
    convention_label: str
    role: str
    lesion: str
    origin: str
    start_date: date | None
    end_date: date | None
    days: int | None
    ended: str
    rule: str
    words: str
    compared: str
    row: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowTold:
    """Whether anything counts in one window of an endpoint, and why or why not."""

    window: str
    label: str
    role: str
    counts: bool | None
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTold:
    """An adverse event: completed dates, day of the clock, the windows in which it counts."""

    term: str
    grade: int | None
    onset_date: date | None
    end_date: date | None
    day: int | None
    treatment_emergent: bool | None
    windows: tuple[str, ...]
    words: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OccurrenceTold:
    """An occurrence endpoint: its clock, the events that its sources let through, the windows."""

    endpoint: str
    endpoint_label: str
    role: str
    origin: str
    origin_date: date | None
    events: tuple[EventTold, ...]
    windows: tuple[WindowTold, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that derivation found: of what, when, what it says and why.

    `day` is the study day. `entries` is empty where the finding sums up others.
    """

    what: str
    words: str
    found_date: date | None = None
    day: int | None = None
    said: str = ""
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Further:
    """Findings beside the endpoints: iRECIST by visit, SBRT by lesion and as a whole, severe
    laboratory values, entries left out; each empty where there is none.
    """

    iresponses: tuple[Finding, ...] = ()
    doses: tuple[Finding, ...] = ()
    laboratory: tuple[Finding, ...] = ()
    left_out: tuple[Finding, ...] = ()

    @property
    def entries(self) -> tuple[str, ...]:
        """Every entry that any of them rests on."""
        found = (*self.iresponses, *self.doses, *self.laboratory, *self.left_out)
        return tuple(entry for each in found for entry in each.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryTold:
    """An entry as it was entered: its form, and each item (name, label) with its value.

    `ledger_line` last wrote it; None where the entry comes from no data cut.
    """

    entry: str
    form: str
    title: str
    values: tuple[tuple[str, str, str], ...]
    ledger_line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All of one subject: every endpoint by every convention, with the entries behind it.

    `endpoint` is the one that was asked for; `adverse_events` holds every event of the subject;
    `missed` names the planned assessments without an adequate one, up to progression.
    """

    trial: str
    cut: str
    cutoff_date: date | None
    endpoint: str
    endpoint_label: str
    person: Person
    lesions: tuple[LesionTold, ...]
    treatments: tuple[Treatment, ...]
    assessments: tuple[AssessmentTold, ...]
    missed: tuple[str, ...]
    verdicts: tuple[Verdict, ...]
    occurrences: tuple[OccurrenceTold, ...]
    adverse_events: tuple[EventTold, ...]
    entries: tuple[EntryTold, ...]
    further: Further
