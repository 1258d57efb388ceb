"""Bring in a version of the protocol; it is in force nowhere until a site approves it."""

from collections.abc import Mapping

from equipoise.capture.roles import Verb
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import ProtocolRefusedError, parse_protocol
from equipoise.store.deed import Decision, Deed, Done, Place, Put
from equipoise.store.gate import perform
from equipoise.store.models import ProtocolVersion
from equipoise.store.refusals import TakenError
from equipoise.store.tables import Plain


def upload_protocol(texts: Mapping[str, str], *, deed: Deed) -> Done:
    """The version kept; ProtocolRefusedError tells every problem of its text."""
    return perform(
        Verb.UPLOAD_PROTOCOL,
        deed=deed,
        place=Place(),
        asked={"texts": dict(texts)},
        decide=lambda _now: decide_upload(texts),
    )


def decide_upload(texts: Mapping[str, str]) -> Decision:
    """The row of a version that the trial does not have yet."""
    protocol = _parse(texts)
    said = fingerprint(protocol)
    if ProtocolVersion.objects.filter(pk=said).exists():
        raise TakenError("the trial has this version: it says the same, word for word")
    number = ProtocolVersion.objects.count() + 1
    values: dict[str, Plain] = {"number": number, "version": protocol.identity.version}
    values["texts"] = dict(texts)
    put = Put(table="protocol_version", key=(said,), values=values)
    return Decision(puts=(put,), answer={"protocol": said, "number": number}, protocol=said)


def _parse(texts: Mapping[str, str]) -> Protocol:
    parsed = parse_protocol(texts)
    if parsed.protocol is None:
        raise ProtocolRefusedError(parsed.problems)
    return parsed.protocol
