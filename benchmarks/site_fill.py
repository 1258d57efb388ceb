"""A site filled for a load: a rehearsed trial of any size entered at once, its ledger complete.

Every line is written by an action, as in the demo; subjects are not randomised, and what speaks
against the rehearsed entries was not looked at, as nothing of it is measured.
"""

import json
import sys
import time
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from store.trial_database import close_connections, set_django_up  # noqa: E402

set_django_up()

from django.conf import settings  # noqa: E402 - once it is set up
from django.contrib.auth.hashers import Argon2PasswordHasher  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from equipoise.capture.roles import Role, Verb, may  # noqa: E402
from equipoise.protocol.model import Protocol  # noqa: E402
from equipoise.protocol.parse import shipped_protocol  # noqa: E402
from equipoise.simulate.entering import Entering, Typed, plan_entering  # noqa: E402
from equipoise.simulate.rehearsal import rehearse  # noqa: E402
from equipoise.simulate.setting import Conditions  # noqa: E402
from equipoise.store.actions.add_account import Person, add_account, add_hashed  # noqa: E402
from equipoise.store.actions.add_site import NewSite, add_site  # noqa: E402
from equipoise.store.actions.approve_protocol import approve_protocol  # noqa: E402
from equipoise.store.actions.enrol import enrol  # noqa: E402
from equipoise.store.actions.enter_forms import Typed as Entered  # noqa: E402
from equipoise.store.actions.enter_forms import enter_checked  # noqa: E402
from equipoise.store.actions.grant_role import grant_role  # noqa: E402
from equipoise.store.actions.open_trial import open_trial  # noqa: E402
from equipoise.store.deed import OPERATOR, Deed  # noqa: E402
from equipoise.store.embedded import start_server  # noqa: E402
from equipoise.store.entry_place import EntryPlace  # noqa: E402
from equipoise.store.entry_saving import Saving  # noqa: E402
from equipoise.store.ledger import read_head  # noqa: E402
from equipoise.web.addresses import read_database_url  # noqa: E402
from store.people import texts  # noqa: E402

PASSWORD = "a site without patients"  # noqa: S105 - of a site that lives for a benchmark
TYPISTS = (Role.COORDINATOR, Role.RADIATION_ONCOLOGIST, Role.INVESTIGATOR)
FURTHER = 6  # entries of a subject that are left to be entered by people
AT_ONCE = 4000  # entries in one transaction


def fill(folder: Path, *, subjects: int, forms: int, people: int) -> None:
    """Fills the site of `folder`; `load.json` says who may log in, and what each site enters."""
    with start_server(folder) as server:
        settings.DATABASES["default"].update(read_database_url(server.application_url))
        settings.DATABASES["owner"].update(read_database_url(server.owner_url))
        call_command("migrate", database="owner", verbosity=0)
        protocol = shipped_protocol()
        begun = time.perf_counter()
        drawn = rehearse(protocol, scenario="S2", seed=20, conditions=Conditions(subjects=subjects))
        entering = plan_entering(drawn, protocol)
        sites = Counter(each.site for each in entering.subjects)
        _open(sorted(sites))
        users = _add_people(sites, people)
        work = _enter(entering, protocol, forms)
        said = f"{read_head().number} lines of the ledger in {time.perf_counter() - begun:.0f} s"
        sys.stdout.write(f"filled: {len(entering.subjects)} subjects x {forms} forms, {said}\n")
        close_connections()
    site = {"users": users, "work": work, "password": PASSWORD}
    (folder / "load.json").write_text(json.dumps(site))


def _by(actor: str) -> Deed:
    return Deed(actor=actor, at=datetime.now(UTC))


def _open(sites: list[str]) -> None:
    """The trial open at its sites, with who typed what is there already."""
    fingerprint = str(open_trial(texts(), deed=_by(OPERATOR)).answer["protocol"])
    for code in sites:
        add_site(
            NewSite(code=code, name=f"Site {code}", time_zone="Asia/Seoul"), deed=_by(OPERATOR)
        )
        approve_protocol(code, protocol=fingerprint, from_date=date(2020, 1, 1), deed=_by(OPERATOR))
        for role in TYPISTS:
            _add(f"{role.value.replace('_', '-')}-{code}", role, code)


def _add(username: str, role: Role, site: str, *, hashed: str | None = None) -> str:
    """An account with a role at a site; without a password nobody logs in to it."""
    person = Person(username=username, name=username)
    if hashed is None:
        add_account(person, deed=_by(OPERATOR))
    else:
        add_hashed(person, deed=_by(OPERATOR), secret=hashed, has_password=True)
    grant_role(username, role=role, site=site, deed=_by(OPERATOR))
    return username


def _add_people(sites: Counter[str], people: int) -> list[dict[str, str]]:
    """Coordinators, at each site as many as its subjects ask for."""
    hasher = Argon2PasswordHasher()
    hashed = hasher.encode(PASSWORD, hasher.salt())
    places = sorted(sites.elements())
    chosen = [places[n * len(places) // people] for n in range(people)]
    return [
        {"username": _add(f"load-{n:03d}", Role.COORDINATOR, site, hashed=hashed), "site": site}
        for n, site in enumerate(chosen)
    ]


def _enter(
    entering: Entering, protocol: Protocol, forms: int
) -> dict[str, list[dict[str, object]]]:
    """The first forms of each subject entered; by site, subjects with what is there and further."""
    typed: dict[str, list[Typed]] = defaultdict(list)
    for each in entering.typed:
        if each.is_new:
            typed[each.subject].append(each)
    work: dict[str, list[dict[str, object]]] = defaultdict(list)
    entered: list[Entered] = []
    for subject in entering.subjects:
        number = str(enrol(subject.site, deed=_by(f"coordinator-{subject.site}")).answer["subject"])
        there, further = typed[subject.subject][:forms], typed[subject.subject][forms:]
        entered += [_entered(each, number, subject.site, protocol) for each in there]
        work[subject.site].append(
            {
                "subject": number,
                "there": [[e.form, ".".join(e.key)] for e in there if _is_ours(e, protocol)],
                "further": [
                    [e.form, ".".join(e.key), {**e.values}]
                    for e in further
                    if _is_ours(e, protocol)
                ][:FURTHER],
            }
        )
        if len(entered) > AT_ONCE:
            _write(entered)
    _write(entered)
    return work


def _write(entered: list[Entered]) -> None:
    with transaction.atomic():
        enter_checked(entered, found={}, comment="")
    entered.clear()


def _entered(typed: Typed, number: str, site: str, protocol: Protocol) -> Entered:
    form = protocol.form_named(typed.form)
    role = next(role for role in TYPISTS if may(role, verb=Verb.SAVE_FORM, form=form))
    place = EntryPlace(subject=number, form=typed.form, key=typed.key)
    saving = Saving(place=place, values=typed.values, seen=0)
    return Entered(saving=saving, deed=_by(f"{role.value.replace('_', '-')}-{site}"))


def _is_ours(typed: Typed, protocol: Protocol) -> bool:
    """Whether a coordinator enters the form."""
    return may(Role.COORDINATOR, verb=Verb.SAVE_FORM, form=protocol.form_named(typed.form))
