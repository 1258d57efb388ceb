"""Fill a site with a rehearsed trial: deed by deed, in the order in which they would have happened.

Every line is written by an action, under the account that would have done it, at an instant of the
day at the site. Nothing here writes by itself.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from django.db import transaction

from equipoise.capture.derived_items import complete
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.eligibility import check_eligibility
from equipoise.capture.frames import Frames
from equipoise.capture.lifecycle import Confirmation, FormState
from equipoise.capture.roles import Role, Verb, may
from equipoise.protocol.model import Protocol
from equipoise.randomise.sealed_seed import Seed
from equipoise.simulate.entering import Entering, Randomised, Typed
from equipoise.store.actions.enrol import enrol
from equipoise.store.actions.enter_forms import Found, enter_checked
from equipoise.store.actions.enter_forms import Typed as Entered
from equipoise.store.actions.keep_identity import PersonalData, keep_identity
from equipoise.store.actions.randomise import randomise
from equipoise.store.actions.sign_eligibility import record_eligibility
from equipoise.store.deed import Deed
from equipoise.store.entry_place import EntryPlace, require_entry, written_entry
from equipoise.store.entry_saving import Saving, perform_saving
from equipoise.store.gate_for_many import FindStanding, remember_standings
from equipoise.store.read_entries import frame_written
from equipoise.vocab.finding import Finding

COMMENT = "as in the source"
FURTHER = "the further course is known"
TYPISTS = (Role.COORDINATOR, Role.RADIATION_ONCOLOGIST, Role.INVESTIGATOR)
_ENROLLED, _TYPED, _SIGNED, _RANDOMISED, _RETYPED = (
    time(9), time(10), time(14), time(15), time(16)
)  # fmt: skip

Do = Callable[[datetime], object]
Progress = Callable[[float], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """Who does the deeds of a role at a site (`""`: of the trial), and each site's time zone."""

    accounts: Mapping[tuple[Role, str], str]
    zones: Mapping[str, str]

    def find(self, role: Role, *, site: str) -> str:
        """The account that has the role at the site, or for the whole trial."""
        return self.accounts.get((role, site)) or self.accounts[role, ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What a site is filled with, by whom, under which seed, up to when.

    `numbers` is filled on the way: the number that the site gave to each rehearsed subject; and
    `find_standing` remembers who may do what, which does not change meanwhile.
    """

    entering: Entering
    protocol: Protocol
    staff: Staff
    seed: Seed
    until: datetime
    numbers: dict[str, str] = field(default_factory=dict)
    find_standing: FindStanding = field(default_factory=remember_standings)

    def by(self, role: Role, *, site: str, at: datetime, reason: str = "") -> Deed:
        """A deed of who has the role at the site."""
        return Deed(actor=self.staff.find(role, site=site), at=at, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happens at an instant: a new form typed, or a deed."""

    at: datetime
    typed: Typed | None = None
    do: Do | None = None


def fill_site(
    filling: Filling, *, further: Iterable[Event] = (), progress: Progress | None = None
) -> None:
    """The site filled, all or nothing, in the order of instants; `further` are other deeds.

    `progress` is told the share that is done. ValueError when the site draws another arm than the
    one that was rehearsed.
    """
    typed = filling.entering.typed
    first = _find(filling, [each for each in typed if each.is_new])
    last = _find(filling, {_rehearsed(each): each for each in typed}.values())  # as they end
    known = [e for e in (*_events(filling, last), *further) if e.at <= filling.until]
    events = sorted(known, key=lambda event: event.at)
    waiting: list[tuple[Typed, datetime]] = []
    with transaction.atomic():
        for number, event in enumerate(events):
            if progress is not None:
                progress(number / len(events))
            if event.typed is not None:
                waiting.append((event.typed, event.at))
            elif event.do is not None:
                _enter(filling, waiting, first)
                event.do(event.at)
        _enter(filling, waiting, first)


def at_site(filling: Filling, *, site: str, day: date, at: time, seconds: int = 0) -> datetime:
    """An instant of the day at the site."""
    zone = ZoneInfo(filling.staff.zones[site])
    return datetime.combine(day, at, tzinfo=zone) + timedelta(seconds=seconds)


def _events(filling: Filling, last: Found) -> Iterator[Event]:
    typed_on: Counter[tuple[str, date]] = Counter()
    sites = {each.subject: each.site for each in filling.entering.subjects}
    for typed in filling.entering.typed:
        place = (sites[typed.subject], typed.day)
        typed_on[place] += 1
        moment = 97 * (typed_on[place] % 120)
        hour = _TYPED if typed.is_new else _RETYPED
        at = at_site(filling, site=place[0], day=typed.day, at=hour, seconds=moment)
        if typed.is_new:
            yield Event(at=at, typed=typed)
        else:
            yield Event(at=at, do=_retype(filling, typed, last))
    for number, subject in enumerate(filling.entering.subjects):
        for do, day, hour in (
            (_enrol, subject.consent_day, _ENROLLED),
            (_sign, subject.day, _SIGNED),
            (_randomise, subject.day, _RANDOMISED),
        ):
            moment = 60 * (number % 60)
            instant = at_site(filling, site=subject.site, day=day, at=hour, seconds=moment)
            yield Event(at=instant, do=do(filling, subject))


def _enrol(filling: Filling, subject: Randomised) -> Do:
    def do(at: datetime) -> None:
        deed = filling.by(Role.COORDINATOR, site=subject.site, at=at)
        number = str(enrol(subject.site, deed=deed).answer["subject"])
        filling.numbers[subject.subject] = number
        data = PersonalData(name=f"Person {number}", hospital_number=f"H{number}")
        keep_identity(number, data=data, secret=number, deed=deed)  # nobody is behind the name

    return do


def _sign(filling: Filling, subject: Randomised) -> Do:
    return lambda at: record_eligibility(
        filling.numbers[subject.subject],
        strata=subject.strata,
        deed=filling.by(Role.INVESTIGATOR, site=subject.site, at=at),
        is_checked=True,
    )


def _randomise(filling: Filling, subject: Randomised) -> Do:
    def do(at: datetime) -> None:
        number = filling.numbers[subject.subject]
        deed = filling.by(Role.COORDINATOR, site=subject.site, at=at)
        arm = randomise(number, strata=subject.strata, seed=filling.seed, deed=deed).answer["arm"]
        if arm != subject.arm:
            raise ValueError(f"{number} was rehearsed in arm {subject.arm}, and drawn {arm}")

    return do


def _retype(filling: Filling, typed: Typed, found: Found) -> Do:
    """More is known of an entry: a draft is completed, what is complete changes with a reason."""

    def do(at: datetime) -> None:
        place = _place(filling, typed)
        row = require_entry(place)
        told = found.get(_rehearsed(typed), ())
        verb = Verb.COMPLETE_FORM if row.state == FormState.DRAFT else Verb.CHANGE_FORM
        confirmed = tuple(
            Confirmation(code=f.code, item=f.item, found=f.found, comment=COMMENT) for f in told
        )
        saving = Saving(place=place, values=typed.values, seen=row.version, confirmations=confirmed)
        deed = _deed(filling, typed, at, reason=FURTHER)
        perform_saving(verb, saving=saving, deed=deed, findings=told)

    return do


def _enter(filling: Filling, waiting: list[tuple[Typed, datetime]], found: Found) -> None:
    """The forms that wait, entered at once; nothing waits any more."""
    if not waiting:
        return
    entered, known = [], {}
    for typed, at in waiting:
        place = _place(filling, typed)
        known[str(place.entry)] = found.get(_rehearsed(typed), ())
        saving = Saving(place=place, values=typed.values, seen=0)
        entered.append(Entered(saving=saving, deed=_deed(filling, typed, at)))
    enter_checked(entered, found=known, comment=COMMENT, find_standing=filling.find_standing)
    waiting.clear()


def _place(filling: Filling, typed: Typed) -> EntryPlace:
    return EntryPlace(subject=filling.numbers[typed.subject], form=typed.form, key=typed.key)


def _rehearsed(typed: Typed) -> str:
    return EntryPlace(subject=typed.subject, form=typed.form, key=typed.key).entry


def _deed(filling: Filling, typed: Typed, at: datetime, *, reason: str = "") -> Deed:
    """The deed of who enters this form at the site of the subject."""
    form = filling.protocol.form_named(typed.form)
    role = next(role for role in TYPISTS if may(role, verb=Verb.SAVE_FORM, form=form))
    site = filling.numbers[typed.subject].partition("-")[0]
    return filling.by(role, site=site, at=at, reason=reason)


def _find(filling: Filling, typed: Iterable[Typed]) -> Found:
    """What speaks against entries, each as it is typed; randomisation forms stand beside them."""
    protocol = filling.protocol
    said = protocol.randomisation
    entries = [
        written_entry(
            EntryPlace(subject=each.subject, form=each.form, key=each.key), values={**each.values}
        )
        for each in typed
    ]
    for each in filling.entering.subjects:
        strata = {factor.item: each.strata[factor.name] for factor in protocol.stratum}
        place = EntryPlace(subject=each.subject, form=said.form)
        values = {**strata, said.date_item: each.day.isoformat()}
        entries.append(written_entry(place, values=values))
    read = frame_written(entries, protocol)
    _require_eligible(read.frames, protocol)
    found: dict[str, list[Finding]] = defaultdict(list)
    for finding in (*read.findings, *check_frames(read.frames, protocol)):
        found[finding.entry].append(finding)
    return {entry: tuple(told) for entry, told in found.items()}


def _require_eligible(frames: Frames, protocol: Protocol) -> None:
    """ValueError when a rehearsed subject does not meet a criterion: it would not be signed."""
    met = check_eligibility(complete(frames, protocol), protocol)
    wrong = met.filter(pl.col("met").not_() | pl.col("met").is_null())
    if not wrong.is_empty():
        told = wrong.select("subject", "criterion").rows()[:5]
        raise ValueError(f"not eligible, or not known to be: {told}")
