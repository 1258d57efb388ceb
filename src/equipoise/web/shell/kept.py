"""What was typed into a page whose session had ended: kept through the log-in, then sent again.

It travels through the browser, signed, and not through the database: nobody who is not logged in
can fill a disk with it, and nothing of a patient lies in a session of nobody.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing
from django.http import HttpRequest

FIELD = "kept"  # of the log-in page, and in the session from the log-in until it is sent
_SALT = "equipoise.kept"
_OF_THE_PAGE = frozenset({"request_id", "seen", "deed", "then", "tells_missing", "next", FIELD})
_GROUPS = frozenset({"items", "pick", "missing", "stratum"})
_NEVER = ("csrfmiddlewaretoken", "password", "oldpassword")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A request that waits: where to, what was typed, and by whom (empty where nobody knows)."""

    path: str
    fields: tuple[tuple[str, str], ...]
    owner: str = ""


def fields_of(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """What was typed, field by field in their order, without passwords and tokens."""
    return tuple(
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not name.startswith(_NEVER)
    )


def tell_typed(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a person typed, under the name of its item; not what the page itself sends along."""
    told = []
    for name, value in fields:
        group, dot, item = name.partition(".")
        is_ours = name in _OF_THE_PAGE or (group == "confirm" and not name.endswith(".comment"))
        if value and not is_ours:
            told.append((item if dot and group in _GROUPS else name, value))
    return told


def seal_kept(kept: Kept) -> str:
    """The request as a signed text."""
    return signing.dumps(asdict(kept), salt=_SALT, compress=True)


def open_kept(text: str) -> Kept | None:
    """The request that was sealed; None when it is forged, or as old as a session can be."""
    try:
        told = signing.loads(text, salt=_SALT, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return None
    fields = tuple((name, value) for name, value in told["fields"])
    return Kept(path=told["path"], fields=fields, owner=told["owner"])


def stash_kept(request: HttpRequest) -> None:
    """Puts what the log-in page carried into the session of who logs in."""
    text = request.POST.get(FIELD, "")
    if text and open_kept(text) is not None:
        request.session[FIELD] = text


def find_kept(request: HttpRequest) -> Kept | None:
    """What waits in the session to be sent again."""
    return open_kept(request.session.get(FIELD, ""))


def forget_kept(request: HttpRequest) -> None:
    """Forgets what waited, once it was sent."""
    kept = find_kept(request) if FIELD in request.session else None
    if kept is not None and kept.path == request.get_full_path():
        del request.session[FIELD]
