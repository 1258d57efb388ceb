"""The password again, for a signature: checked under the same lock-out as a log-in."""

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _

from equipoise.store.access_log import Access
from equipoise.store.refusals import NotAllowedError
from equipoise.web.shell.access_record import record
from equipoise.web.shell.visitor import Visitor

FIELD = "password_again"  # drawn by shell/password_again.html


class PasswordWrongError(NotAllowedError):
    """The password given again is not the visitor's: nothing is signed."""


def require_password(request: HttpRequest, *, visitor: Visitor) -> None:
    """Returns when the password of this request is the visitor's; else PasswordWrongError.

    A wrong one counts as a failed log-in: after as many, the answer is the page of a locked log-in
    (from the middleware), whatever the view answers.
    """
    password = request.POST.get(FIELD, "")
    if not password:
        raise PasswordWrongError(_("Type your password: without it nothing is signed."))
    found = authenticate(request, username=visitor.username, password=password)
    if found is None or found.get_username() != visitor.username:
        record(Access.FAILED_SIGNATURE, username=visitor.username, request=request)
        raise PasswordWrongError(_("This is not your password: nothing was signed. Type it again."))
