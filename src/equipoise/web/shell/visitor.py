"""Who looks at a page, and what his roles allow."""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from django.http import HttpRequest

from equipoise.capture.roles import Grant, Verb, grant_for, sites_of
from equipoise.protocol.form_model import Form
from equipoise.store.deed import Deed
from equipoise.store.models import Account, Site
from equipoise.store.permission import find_grants

CHOSEN = "chosen_grant"  # in the session: one role of several, at work now
_LONGEST_ID = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody logged in. `grants` are the roles at work: all that are `held`, or the chosen."""

    username: str
    name: str
    grants: tuple[Grant, ...]
    held: tuple[Grant, ...]
    zone: ZoneInfo

    def may(self, verb: Verb, *, site: str = "", form: Form | None = None) -> bool:
        """Whether a role at work allows this, at the site and on the form where they are named."""
        return grant_for(self.grants, verb=verb, site=site, form=form) is not None

    def sites(self, verb: Verb, *, form: Form | None = None) -> frozenset[str] | None:
        """The sites whose data this may be done on; None is all sites."""
        return sites_of(self.grants, verb=verb, form=form)

    def deed(self, request: HttpRequest, *, reason: str = "") -> Deed:
        """The deed that the person asks for with this request, now.

        A form with the hidden field `request_id` may be sent twice and is done once. What is sent
        is a name within `web:`: no ledger line that the program names itself has such a one.
        """
        sent = _short(request.POST.get("request_id", ""))
        return Deed(
            actor=self.username,
            at=datetime.now(UTC),
            request_id=f"web:{sent}" if sent else "",
            reason=reason or request.POST.get("reason", "").strip(),
        )


def _short(sent: str) -> str:
    """A name as a line can keep it: a long one, or one that is no text, is known by its digest."""
    if len(sent) <= _LONGEST_ID and sent.isprintable():
        return sent
    return sha256(sent.encode("utf-8", "surrogatepass")).hexdigest()


def find_visitor(request: HttpRequest) -> Visitor | None:
    """The person logged in, with the roles that stand now; None for nobody."""
    account = getattr(request, "user", None)  # a request may fail before anybody asks who it is
    if not isinstance(account, Account) or not account.is_active:
        return None
    held = find_grants(account.username)
    chosen = request.session.get(CHOSEN)
    at_work = tuple(grant for grant in held if spell(grant) == chosen) or held
    return Visitor(
        username=account.username,
        name=account.name,
        grants=at_work,
        held=held,
        zone=_zone_of(at_work),
    )


def spell(grant: Grant) -> str:
    """A grant as one word, for a choice in a form."""
    return f"{grant.role.value}@{grant.site}"


def _zone_of(grants: tuple[Grant, ...]) -> ZoneInfo:
    """The time zone of the site, UTC for who works at several or at none."""
    sites = {grant.site for grant in grants}
    code = sites.pop() if len(sites) == 1 else ""
    name = Site.objects.filter(code=code).values_list("time_zone", flat=True).first()
    return ZoneInfo(name or "UTC")
