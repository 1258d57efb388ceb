"""What a visitor may see of subjects: which of them, whose arm, and which forms."""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.db.models import QuerySet

from equipoise.capture.roles import Verb
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.store.deed import Deed
from equipoise.store.models import Site, Subject
from equipoise.store.read_arms import read_arms
from equipoise.web.shell.visitor import Visitor


def subjects_for(visitor: Visitor) -> QuerySet[Subject]:
    """The subjects whose forms the visitor may read."""
    sites = visitor.sites(Verb.READ_FORMS)
    return Subject.objects.all() if sites is None else Subject.objects.filter(site__in=sites)


def arms_for(visitor: Visitor, *, subject: str = "") -> Mapping[str, str] | None:
    """The arms that the visitor may know; None for who may know none."""
    if not visitor.may(Verb.READ_ALLOCATIONS):
        return None
    deed = Deed(actor=visitor.username, at=datetime.now(UTC))
    return read_arms(deed, sites=visitor.sites(Verb.READ_ALLOCATIONS), subject=subject)


def forms_for(visitor: Visitor, protocol: Protocol, *, verb: Verb, site: str) -> dict[str, Form]:
    """The forms of the protocol on which the visitor may do this at the site, by name."""
    return {f.form: f for f in protocol.form if visitor.may(verb, site=site, form=f)}


def sites_for(visitor: Visitor, *, verb: Verb = Verb.READ_FORMS) -> list[Site]:
    """The sites at which the visitor may do this."""
    codes = visitor.sites(verb)
    rows = Site.objects.order_by("code")
    return list(rows if codes is None else rows.filter(code__in=codes))
