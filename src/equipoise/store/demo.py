"""A site to look at: a rehearsed trial that has just reached its first data cut."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction

from equipoise.capture.roles import Role, Scope, scope_of
from equipoise.derive.cut import cut_dates
from equipoise.protocol.model import Protocol
from equipoise.randomise.sealed_seed import Seed, draw_seed, seal_seed, uniform_at
from equipoise.simulate.entering import plan_entering
from equipoise.simulate.rehearsal import Rehearsal, rehearse
from equipoise.simulate.setting import Conditions
from equipoise.store.actions.add_account import Person, add_hashed
from equipoise.store.actions.add_site import NewSite, add_site
from equipoise.store.actions.approve_protocol import approve_protocol
from equipoise.store.actions.fix_sequence import fix_sequence
from equipoise.store.actions.grant_role import grant_role
from equipoise.store.actions.open_trial import open_trial
from equipoise.store.actions.record_seen_deviations import record_seen_deviations
from equipoise.store.deed import OPERATOR, PROGRAM, Deed
from equipoise.store.demo_secrets import DEMO_KEY, DEMO_PASSWORD
from equipoise.store.fill import TYPISTS, Filling, Progress, Staff, fill_site
from equipoise.store.fill_checks import follow_up
from equipoise.store.models import Grant
from equipoise.store.read_rehearsed import Rehearsed

SITES = (
    ("Hangang Hospital", "KR", "Asia/Seoul"),
    ("Namsan Medical Centre", "KR", "Asia/Seoul"),
    ("Bukhan Cancer Centre", "KR", "Asia/Seoul"),
    ("Dongbaek Hospital", "KR", "Asia/Seoul"),
    ("Merlion Institute", "SG", "Asia/Singapore"),
)
_AGO = timedelta(days=30)  # when the first data cut was reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What is to be shown: protocol and its texts, scenario and seed, and the instant of now.

    `subjects` 0 is the number that the protocol plans.
    """

    protocol: Protocol
    texts: Mapping[str, str]
    scenario: str
    seed: int
    now: datetime
    subjects: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The user name of each role at the busiest site, and the number of each rehearsed subject."""

    accounts: Mapping[Role, str]
    numbers: Mapping[str, str]


def open_demo(demo: Demo, *, progress: Progress | None = None) -> Opened:
    """The trial opened and filled, all or nothing, with the arms that its sealed sequence draws.

    The seed of that sequence follows from `seed`, so it is no secret, which a demo needs not have.
    `progress` is told the share that is done.
    """
    sealed = _draw_seed(demo.seed)
    entering = plan_entering(rehearse_demo(demo), demo.protocol)
    started = min(each.consent_day for each in entering.subjects) - timedelta(days=14)
    deed = Deed(actor=OPERATOR, at=datetime.combine(started, time(), tzinfo=UTC))
    patients = Counter(each.site for each in entering.subjects)
    home = max(sorted(patients), key=patients.__getitem__)
    with transaction.atomic():
        staff = _open(demo, sorted(patients), home, deed)
        chance = hashlib.sha256(f"seal {demo.seed}".encode()).digest()[:28]
        fix_sequence(sealed, sealed=seal_seed(sealed, key=DEMO_KEY, chance=chance), deed=deed)
        filling = Filling(
            entering=entering,
            protocol=demo.protocol,
            staff=staff,
            seed=sealed,
            until=demo.now - timedelta(hours=1),
        )
        fill_site(filling, further=follow_up(filling), progress=progress)
        record_seen_deviations(deed=Deed(actor=PROGRAM, at=filling.until))
    known = {role: name for (role, site), name in staff.accounts.items() if site in {"", home}}
    return Opened(accounts=known, numbers=filling.numbers)


def rehearse_demo(demo: Demo) -> Rehearsal:
    """The trial drawn with the site's sequence; it reached its first cut a month before now."""
    planned = demo.subjects or demo.protocol.randomisation.planned_subjects
    sealed = _draw_seed(demo.seed)
    conditions = Conditions(
        subjects=planned,
        every_form=True,
        allocation_uniforms=tuple(uniform_at(sealed, sequence=n + 1) for n in range(planned)),
    )
    drawn = rehearse(demo.protocol, scenario=demo.scenario, seed=demo.seed, conditions=conditions)
    cut = cut_dates(drawn.frames, demo.protocol, cut=demo.protocol.cut[0].id)["cutoff_date"][0]
    first = demo.protocol.operations.accrual.first_site_date + ((demo.now - _AGO).date() - cut)
    moved = replace(conditions, first_site_date=first)
    return rehearse(demo.protocol, scenario=demo.scenario, seed=demo.seed, conditions=moved)


def _draw_seed(seed: int) -> Seed:
    return draw_seed(hashlib.sha512(f"demo {seed}".encode()).digest())


def _open(demo: Demo, sites: list[str], home: str, deed: Deed) -> Staff:
    """The trial open at its sites, with everybody who works for it."""
    rehearsed = Rehearsed(scenario=demo.scenario, seed=demo.seed)
    opened = open_trial(demo.texts, deed=deed, rehearsed=rehearsed)
    fingerprint = str(opened.answer["protocol"])
    zones = {}
    for code in sites:
        name, country, zone = SITES[(int(code) - 1) % len(SITES)]
        add_site(NewSite(code=code, name=name, country=country, time_zone=zone), deed=deed)
        approve_protocol(code, protocol=fingerprint, from_date=deed.at.date(), deed=deed)
        zones[code] = zone
    accounts, secret = {}, make_password(DEMO_PASSWORD)
    for role in Role:
        at = sites if role in TYPISTS else [home] if scope_of(role) is Scope.SITE else [""]
        for site in at:
            behind = "" if site in {"", home} else f" {site}"
            accounts[role, site] = _add(_say(role) + behind, secret, deed)
            grant_role(accounts[role, site], role=role, site=site, deed=deed)
    return Staff(accounts=accounts, zones=zones)


def read_demo_accounts() -> Iterator[tuple[str, str, str]]:
    """Role, user name and site (empty: the trial) of one account a role, at the busiest site."""
    for role in Role:
        held = Grant.objects.filter(account_id=_name(_say(role)), role=role, is_active=True)
        for site in held.values_list("site", flat=True):
            yield _say(role), _name(_say(role)), site or ""


def _say(role: Role) -> str:
    return role.value.replace("_", " ")


def _name(words: str) -> str:
    return words.replace(" ", "-")


def _add(words: str, secret: str, deed: Deed) -> str:
    """An account named after its role, at other sites than that to look at with the site behind."""
    username = _name(words)
    person = Person(username=username, name=f"{words.capitalize()} (demo)")
    add_hashed(person, deed=deed, secret=secret, has_password=True)
    return username
