"""What tells the arm of a subject in the tables of the trial, under any version of its protocol."""

import re
from functools import lru_cache, reduce
from operator import or_

from django.db.models import Q

from equipoise.capture.blinding import Telling, find_telling
from equipoise.derive.consistency import CHECKS
from equipoise.store.models import ProtocolVersion
from equipoise.store.protocol_read import read_version

_WHOLE_TRIAL = Telling(questions=frozenset(check.code for check in CHECKS))


def read_telling() -> Telling:
    """What tells the arm in any version; questions of consistency read all forms, so each may."""
    versions = ProtocolVersion.objects.values_list("pk", flat=True)
    return reduce(or_, (_find(version) for version in versions), _WHOLE_TRIAL)


@lru_cache(maxsize=16)  # a version never changes
def _find(fingerprint: str) -> Telling:
    return find_telling(read_version(fingerprint))


def entries_in(telling: Telling) -> Q:
    """The rows with form and key whose entry tells the arm (`Telling.has_entry`)."""
    found = Q(form__in=telling.forms)
    places = {(place, visit) for _, place, visit in telling.visits}
    for place, visit in sorted(places):
        forms = {form for form, *at in telling.visits if at == [place, visit]}
        found |= Q(form__in=forms, key__regex=rf"^([^.]*\.){{{place}}}{re.escape(visit)}(\.|$)")
    return found


def queries_in(telling: Telling) -> Q:
    """The queries that tell the arm (`Telling.has_query`)."""
    found = entries_in(telling) | Q(code__in=telling.questions)
    for form, code in sorted(telling.checks):
        found |= Q(form=form, code=code)
    return found
