"""Accounts: the list, a new one with a link for its password, roles, and one closed."""

from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from equipoise.capture.roles import Role, Scope, Verb, scope_of
from equipoise.store.actions.add_account import Person, add_account
from equipoise.store.actions.change_account import (
    MAIL_IS_FIXED,
    change_account,
    deactivate_account,
)
from equipoise.store.actions.grant_role import grant_role, revoke_role
from equipoise.store.models import Account, Site
from equipoise.store.models import Grant as Held
from equipoise.store.refusals import ClosedError, NotAllowedError, RefusedError
from equipoise.web.accounts.password_link import build_password_link
from equipoise.web.shell.access import page
from equipoise.web.shell.visitor import Visitor
from equipoise.web.study.typed import read_email, read_name, read_role

_SCOPES = {
    Scope.SITE: gettext_lazy("at a site"),
    Scope.TRIAL: gettext_lazy("for the trial"),
    Scope.EITHER: gettext_lazy("at a site or for the trial"),
}


@page(Verb.READ_ACCOUNTS, post=Verb.ADD_ACCOUNT)
def people(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The accounts with their roles; a new one, whose password its owner sets by a link."""
    if request.method == "POST":
        username = request.POST.get("username", "").strip()
        person = Person(username=username, name=read_name(request), email=read_email(request))
        add_account(person, deed=visitor.deed(request))
        return _draw(request, visitor, find_person(username), with_link=True)
    grants: dict[str, list[Held]] = {}
    for grant in Held.objects.filter(is_active=True).order_by("role", "site_id"):
        grants.setdefault(grant.account_id, []).append(grant)
    context = {
        "rows": [(a, grants.get(a.username, [])) for a in Account.objects.order_by("username")],
        "may_add": visitor.may(Verb.ADD_ACCOUNT),
    }
    return render(request, "study/people.html", context)


@page(Verb.READ_ACCOUNTS)
def person(request: HttpRequest, visitor: Visitor, *, username: str) -> HttpResponse:
    """An account with its roles, those revoked included."""
    return _draw(request, visitor, find_person(username))


@page(Verb.READ_ACCOUNTS, post=Verb.CHANGE_ACCOUNT)
def person_change(request: HttpRequest, visitor: Visitor, *, username: str) -> HttpResponse:
    """Another name; another address of mail until its owner can log in; the user name stays."""
    account = find_person(username)
    if request.method == "POST":
        name, email = read_name(request), read_email(request)
        if email != account.email and _is_claimed(account):
            raise NotAllowedError(MAIL_IS_FIXED)
        change_account(username, name=name, email=email, deed=visitor.deed(request))
        messages.success(request, _("Name and mail are changed."))
    return redirect("person", username=username)


@page(Verb.READ_ACCOUNTS, post=Verb.ADD_ACCOUNT)
def person_link(request: HttpRequest, visitor: Visitor, *, username: str) -> HttpResponse:
    """A link for the first password of an account; later ones its owner asks for himself."""
    account = find_person(username)
    if request.method != "POST":
        return redirect("person", username=username)
    if not _waits_for_password(account):
        raise ClosedError(
            _("The account is closed, or its owner can log in: he asks for a new password himself, "
              "with “forgotten” at the log-in.")
        )  # fmt: skip
    return _draw(request, visitor, account, with_link=True)


@page(Verb.READ_ACCOUNTS, post=Verb.GRANT_ROLE)
def person_grant(request: HttpRequest, visitor: Visitor, *, username: str) -> HttpResponse:
    """A role granted; a refusal tells what forbids it."""
    find_person(username)
    if request.method == "POST":
        role, site = read_role(request), request.POST.get("site", "").strip()
        grant_role(username, role=role, site=site, deed=visitor.deed(request))
        messages.success(request, _("Granted: %(role)s.") % {"role": role.replace("_", " ")})
    return redirect("person", username=username)


@page(Verb.READ_ACCOUNTS, post=Verb.REVOKE_ROLE)
def person_revoke(request: HttpRequest, visitor: Visitor, *, username: str) -> HttpResponse:
    """A role revoked."""
    find_person(username)
    if request.method == "POST":
        role, site = read_role(request), request.POST.get("site", "").strip()
        revoke_role(username, role=role, site=site, deed=visitor.deed(request))
        messages.success(request, _("Revoked: %(role)s.") % {"role": role.replace("_", " ")})
    return redirect("person", username=username)


@page(Verb.READ_ACCOUNTS, post=Verb.DEACTIVATE_ACCOUNT)
def person_close(request: HttpRequest, visitor: Visitor, *, username: str) -> HttpResponse:
    """The account closed; nobody closes his own, so that one who may is left."""
    find_person(username)
    if request.method == "POST":
        if username == visitor.username:
            raise RefusedError(_("Nobody closes his own account: ask another administrator."))
        deactivate_account(username, deed=visitor.deed(request))
        messages.success(request, _("The account is closed; its deeds stay."))
    return redirect("person", username=username)


def find_person(username: str) -> Account:
    """The account; Http404 when there is none."""
    found = Account.objects.filter(username=username).first()
    if found is None:
        raise Http404
    return found


def _waits_for_password(account: Account) -> bool:
    """Whether nobody could log in yet: else a link is a key."""
    return account.is_active and not _is_claimed(account)


def _is_claimed(account: Account) -> bool:
    """Whether its owner could log in already, by a password or by single sign-on."""
    signs_on = SocialAccount.objects.filter(user_id=account.pk).exists()
    return account.passwords_set > 0 or signs_on


def _draw(
    request: HttpRequest, visitor: Visitor, account: Account, *, with_link: bool = False
) -> HttpResponse:
    grants = Held.objects.filter(account=account).order_by("-is_active", "role", "site_id")
    link = request.build_absolute_uri(build_password_link(account)) if with_link else ""
    context = {
        "account": account,
        "grants": grants,
        "link": link,
        "offered": [(role, _SCOPES[scope_of(role)]) for role in Role],
        "sites": Site.objects.order_by("code"),
        "may_link": visitor.may(Verb.ADD_ACCOUNT) and _waits_for_password(account),
        "may_change": visitor.may(Verb.CHANGE_ACCOUNT),
        "is_claimed": _is_claimed(account),
        "may_grant": visitor.may(Verb.GRANT_ROLE) and account.is_active,
        "may_revoke": visitor.may(Verb.REVOKE_ROLE),
        "may_close": visitor.may(Verb.DEACTIVATE_ACCOUNT) and account.username != visitor.username,
    }
    return render(request, "study/person.html", context)
