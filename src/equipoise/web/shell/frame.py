"""What the frame of every page shows: trial, environment, visitor, links and roles."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from equipoise.capture.roles import Grant
from equipoise.store.protocol_read import read_newest
from equipoise.store.read_rehearsed import read_rehearsed
from equipoise.store.refusals import UnknownError
from equipoise.web.shell.navigation import links_for
from equipoise.web.shell.tags import in_words
from equipoise.web.shell.visitor import Visitor, find_visitor, spell


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of the frame; links and roles only for who is logged in."""
    visitor = getattr(request, "visitor", None) or find_visitor(request)
    shared = {
        "trial_name": _trial_name(),
        "environment": settings.ENVIRONMENT,
        "is_training": settings.ENVIRONMENT != "production",
        "is_rehearsed": read_rehearsed() is not None,
        "visitor": visitor,
        "languages": settings.LANGUAGES,
        "come_back": request.get_full_path() if request.method == "GET" else "/",
        "sign_on_name": _sign_on_name(),
    }
    return shared | (_of_visitor(request, visitor) if visitor else {})


def _of_visitor(request: HttpRequest, visitor: Visitor) -> dict[str, Any]:
    return {
        "links": links_for(visitor),
        "here": request.path,
        "roles": [
            {"value": spell(g), "words": grant_in_words(g), "is_chosen": visitor.grants == (g,)}
            for g in visitor.held
        ],
    }


def grant_in_words(grant: Grant) -> str:
    """A role and its site, as people say it."""
    place = f", {grant.site}" if grant.site else ""
    return f"{in_words(grant.role.value)}{place}"


def _sign_on_name() -> str:
    """How the house calls its single sign-on; empty where it has none."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", [])
    return str(apps[0]["name"]) if apps else ""


def _trial_name() -> str:
    try:
        identity = read_newest().identity
    except UnknownError:
        return "Equipoise"
    return identity.acronym or identity.id
