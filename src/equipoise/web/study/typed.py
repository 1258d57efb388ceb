"""What is typed on these pages, as the actions want it; RefusedError for what is none."""

from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest
from django.utils.translation import gettext as _

from equipoise.capture.roles import Role
from equipoise.store.refusals import RefusedError

_LONGEST = 200


def read_name(request: HttpRequest) -> str:
    """A name, neither empty nor endless."""
    name = request.POST.get("name", "").strip()
    if not 0 < len(name) <= _LONGEST:
        raise RefusedError(_("Write a name of at most %(most)d signs.") % {"most": _LONGEST})
    return name


def read_email(request: HttpRequest) -> str:
    """An address, or nothing."""
    email = request.POST.get("email", "").strip()
    try:
        if email:
            validate_email(email)
    except ValidationError as wrong:
        raise RefusedError(_("“%(text)s” is no address of mail.") % {"text": email[:80]}) from wrong
    return email


def read_role(request: HttpRequest) -> Role:
    """A role of the list."""
    try:
        return Role(request.POST.get("role", ""))
    except ValueError as wrong:
        raise RefusedError(_("Choose a role of the list.")) from wrong


def read_number(text: str) -> int:
    """A number from 1 that was asked for; 0 for anything else, which nothing is called."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def read_from_date(request: HttpRequest) -> date:
    """The day from which a version is in force."""
    try:
        return date.fromisoformat(request.POST.get("from_date", "").strip())
    except ValueError as wrong:
        raise RefusedError(_("Write the day as 2026-03-31.")) from wrong
