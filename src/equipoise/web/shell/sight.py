"""What a visitor may see of the data: his sites, and nothing that would tell a blinded one."""

from datetime import UTC, datetime

from django.http import Http404

from equipoise.capture.blinding import Telling
from equipoise.capture.roles import Verb, sees_arms
from equipoise.protocol.form_model import Form
from equipoise.store.models import Subject
from equipoise.store.protocol_read import read_form
from equipoise.store.read_queries import Sight
from equipoise.store.read_telling import read_telling
from equipoise.store.refusals import UnknownError
from equipoise.web.shell.visitor import Visitor


def sight_of(visitor: Visitor, *, verb: Verb) -> Sight:
    """The sites at which the visitor may do this, and what is hidden from him."""
    return Sight(sites=visitor.sites(verb), hidden=hidden_from(visitor))


def hidden_from(visitor: Visitor) -> Telling:
    """What tells the arm, for who may not know it; nothing for the others."""
    return Telling() if may_see_arms(visitor) else read_telling()


def may_see_arms(visitor: Visitor) -> bool:
    """Whether a role at work may know arms."""
    return any(sees_arms(grant.role) for grant in visitor.grants)


def require_form(visitor: Visitor, *, verb: Verb, subject: str, form: str) -> Form:
    """The form at the site of the subject; Http404 where it is not for the visitor."""
    site = Subject.objects.filter(number=subject).values_list("site_id", flat=True).first()
    try:
        found = read_form(form, site=site, now=datetime.now(UTC)) if site else None
    except UnknownError:
        found = None
    if site is None or found is None or not visitor.may(verb, site=site, form=found):
        raise Http404
    return found
