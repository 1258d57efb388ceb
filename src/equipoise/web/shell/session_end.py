"""A session ends after a time without a request; who it was stays known until the next log-in."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from equipoise.store.access_log import Access
from equipoise.store.models import Account
from equipoise.web.shell.access_record import record

ENDED = "ended_session_of"  # in the session of nobody: whose session ended
_SEEN = "seen_at"
_STEP_SECONDS = 60  # how exactly the last request is remembered

Answer = Callable[[HttpRequest], HttpResponse]


def now() -> float:
    """Seconds of the clock."""
    return datetime.now(UTC).timestamp()


def end_idle_sessions(get_response: Answer) -> Answer:
    """The middleware that logs out who was idle, before any page asks who it is."""

    def answer(request: HttpRequest) -> HttpResponse:
        account = request.user
        if isinstance(account, Account):
            _look(request, account)
        return get_response(request)

    return answer


def _look(request: HttpRequest, account: Account) -> None:
    seen, instant = request.session.get(_SEEN), now()
    if seen is not None and instant - seen > settings.SESSION_IDLE_SECONDS:
        record(Access.SESSION_END, username=account.username, request=request)
        logout(request)
        request.session[ENDED] = account.username
    elif seen is None or instant - seen > _STEP_SECONDS:
        request.session[_SEEN] = instant
