"""Arms for pages: who may know them reads them all day; the ledger notes it once a day."""

from collections.abc import Mapping
from datetime import datetime

from equipoise.store.deed import Deed
from equipoise.store.models import Allocation, LedgerLine
from equipoise.store.read_allocations import read_allocations


def find_arms() -> Mapping[str, tuple[str, datetime]]:
    """Arm and instant of each allocation, for what the program looks for by itself; for no page."""
    rows = Allocation.objects.values_list("subject_id", "arm", "at")
    return {subject: (arm, at) for subject, arm, at in rows}


def read_arms(
    reader: Deed, *, sites: frozenset[str] | None, subject: str = ""
) -> Mapping[str, str]:
    """The arm of each randomised subject at the sites (None: all), or of one subject.

    The first reading of a person on a day (UTC) is a line of the ledger, as `read_allocations`
    writes it; NotAllowedError for who may not know arms.
    """
    once = f"arms {reader.actor} {reader.at.date().isoformat()}"
    if not LedgerLine.objects.filter(request_id=once).exists():
        read_allocations(Deed(actor=reader.actor, at=reader.at, request_id=once))
    rows = (
        Allocation.objects.all()
        if sites is None
        else Allocation.objects.filter(subject__site__in=sites)
    )
    if subject:
        rows = rows.filter(subject=subject)
    return dict(rows.values_list("subject_id", "arm"))
