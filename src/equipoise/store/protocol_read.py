"""Versions of the protocol as values: which is in force at a site, and what its forms are."""

from datetime import date
from functools import lru_cache

from equipoise.capture.one_entry import Reach, find_reach
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import ProtocolRefusedError, parse_protocol
from equipoise.store.models import Approval, ProtocolVersion
from equipoise.store.refusals import UnknownError


@lru_cache(maxsize=16)  # a version never changes: its fingerprint is what it says
def read_version(fingerprint: str) -> Protocol:
    """The protocol of that fingerprint; UnknownError when the trial has no such version."""
    texts = ProtocolVersion.objects.filter(pk=fingerprint).values_list("texts", flat=True).first()
    if texts is None:
        raise UnknownError(f"the trial has no protocol version {fingerprint[:12]}: upload it first")
    parsed = parse_protocol(texts)
    if parsed.protocol is None:
        raise ProtocolRefusedError(parsed.problems)
    return parsed.protocol


@lru_cache(maxsize=256)
def read_reach(fingerprint: str, *, form: str) -> Reach:
    """What the rules of a form can see, in a version."""
    protocol = read_version(fingerprint)
    return find_reach(protocol.form_named(form), protocol)


def fingerprint_at(site: str, *, on: date | None = None) -> str:
    """The version in force at the site on a day (the last approved when no day is named)."""
    approved = Approval.objects.filter(site=site).order_by("-from_date", "-protocol__number")
    if on is not None:
        approved = approved.filter(from_date__lte=on)
    found = approved.values_list("protocol", flat=True).first()
    if found is None:
        raise UnknownError(f"no protocol version is approved at site {site}: approve one first")
    return found


def read_protocol_at(site: str, *, on: date | None = None) -> Protocol:
    """The protocol in force at the site on a day."""
    return read_version(fingerprint_at(site, on=on))


def read_newest() -> Protocol:
    """The newest version of the trial, approved or not; UnknownError before the trial is open."""
    newest = ProtocolVersion.objects.order_by("-number").values_list("pk", flat=True).first()
    if newest is None:
        raise UnknownError("the trial is not open yet: open it with a protocol first")
    return read_version(newest)


def read_form(name: str, *, site: str) -> Form:
    """The form as the version in force at the site has it; UnknownError when it has none."""
    protocol = read_protocol_at(site)
    for form in protocol.form:
        if form.form == name:
            return form
    raise UnknownError(f"the protocol of site {site} has no form '{name}'")


def read_revealing_forms() -> frozenset[str]:
    """The forms that reveal the arm in any version of the trial."""
    versions = ProtocolVersion.objects.values_list("pk", flat=True)
    return frozenset(
        form.form for version in versions for form in read_version(version).form if form.reveals_arm
    )
