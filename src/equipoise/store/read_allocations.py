"""Allocations read: by who may know arms, and each reading is a line of the ledger."""

from functools import lru_cache

import polars as pl

from equipoise.capture.roles import Verb, sites_of
from equipoise.capture.trial import ALLOCATION_SCHEMA
from equipoise.randomise.draw import Given
from equipoise.randomise.plan import plan_of
from equipoise.randomise.scheme import Plan
from equipoise.store.deed import Decision, Deed, Place
from equipoise.store.gate import perform
from equipoise.store.ledger import read_lines
from equipoise.store.models import Allocation, Subject
from equipoise.store.permission import find_grants
from equipoise.store.protocol_read import read_version
from equipoise.store.replay import replay


def read_allocations(reader: Deed, *, upto: int | None = None, site: str = "") -> pl.DataFrame:
    """The arms of the subjects that the reader may see, as of a line; the reading is recorded.

    NotAllowedError for who may not know arms. Subjects of other sites are not there for who has
    a role at some sites only.
    """
    perform(
        Verb.READ_ALLOCATIONS,
        deed=reader,
        place=Place(site=site),
        asked={"upto": upto, "site": site},
        decide=lambda _now: Decision(note={"upto": upto}),
    )
    sites = sites_of(find_grants(reader.actor), verb=Verb.READ_ALLOCATIONS)
    owners = dict(Subject.objects.values_list("number", "site_id"))
    rows = [
        (0, subject, arm)
        for subject, arm in _arms(upto)
        if (sites is None or owners[subject] in sites) and site in {"", owners[subject]}
    ]
    return pl.DataFrame(rows, schema=ALLOCATION_SCHEMA, orient="row")


def _arms(upto: int | None) -> list[tuple[str, str]]:
    if upto is None:
        return list(Allocation.objects.order_by("subject").values_list("subject_id", "arm"))
    stood = replay(read_lines(upto=upto), only=frozenset({"allocation"}))["allocation"]
    return sorted((key[0], str(row["arm"])) for key, row in stood.items())


def read_history() -> list[Given]:
    """Every allocation in its order, as the schemes continue it; for the gate's own use."""
    rows = Allocation.objects.order_by("number")
    return [
        Given(
            subject=row.subject_id,
            stratum=tuple(row.stratum),
            arm=row.arm,
            plan=_plan_in(row.protocol_id),
        )
        for row in rows
    ]


@lru_cache(maxsize=16)  # a version never changes
def _plan_in(fingerprint: str) -> Plan:
    return plan_of(read_version(fingerprint))
