"""A trial with two sites and a person in each role that the tests need."""

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from equipoise.capture.roles import Role
from equipoise.store.actions.add_account import Person, add_account
from equipoise.store.actions.add_site import NewSite, add_site
from equipoise.store.actions.approve_protocol import approve_protocol
from equipoise.store.actions.enrol import enrol
from equipoise.store.actions.grant_role import grant_role
from equipoise.store.actions.open_trial import open_trial
from equipoise.store.deed import OPERATOR, Deed

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SITES = (
    NewSite(code="01", name="Seoul", country="KR", time_zone="Asia/Seoul"),
    NewSite(code="02", name="Ann Arbor", country="US", time_zone="America/Detroit"),
)
PEOPLE = (  # who, role, site
    ("ivy", Role.INVESTIGATOR, "01"),
    ("cho", Role.COORDINATOR, "01"),
    ("cora", Role.COORDINATOR, "02"),
    ("ines", Role.INVESTIGATOR, "02"),
    ("mo", Role.MONITOR, ""),
    ("dana", Role.DATA_MANAGER, ""),
    ("ada", Role.ADMINISTRATOR, ""),
    ("stan", Role.BLINDED_STATISTICIAN, ""),
    ("rand", Role.RANDOMISATION_STATISTICIAN, ""),
    ("paul", Role.PROJECT_MANAGER, ""),
)


@cache
def texts() -> dict[str, str]:
    """The files of the reference protocol, by name."""
    folder = files("equipoise.protocols") / "oligo_rcc"
    forms = {f"forms/{f.name}": f.read_text("utf-8") for f in (folder / "forms").iterdir()}
    return {"trial.toml": (folder / "trial.toml").read_text("utf-8"), **forms}


def by(actor: str, *, minutes: float = 0, request_id: str = "", reason: str = "") -> Deed:
    """A deed of a person, so many minutes after the trial started."""
    at = START + timedelta(minutes=minutes)
    return Deed(actor=actor, at=at, request_id=request_id, reason=reason)


def open_sites() -> str:
    """The trial opened with its sites and people; answers the fingerprint of its protocol."""
    done = open_trial(texts(), deed=by(OPERATOR))
    protocol = str(done.answer["protocol"])
    for site in SITES:
        add_site(site, deed=by(OPERATOR))
        approve_protocol(site.code, protocol=protocol, from_date=START.date(), deed=by(OPERATOR))
    for username, role, place in PEOPLE:
        add_account(Person(username=username, name=username.title()), deed=by(OPERATOR))
        grant_role(username, role=role, site=place, deed=by(OPERATOR))
    return protocol


def screen(site: str = "01", *, minutes: float = 1) -> str:
    """A new subject of the site, enrolled by its coordinator."""
    actor = "cho" if site == "01" else "cora"
    return str(enrol(site, deed=by(actor, minutes=minutes)).answer["subject"])
