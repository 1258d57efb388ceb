"""What machines ask the site: is it well, and how is it doing. Neither tells of any person."""

import hmac
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

import equipoise
from equipoise.store.ledger import Head, read_head
from equipoise.web.traffic import KINDS, UPTO_SECONDS, read_traffic

_LOOPBACK = frozenset({"127.0.0.1", "::1"})


@require_safe
def health(_: HttpRequest) -> HttpResponse:
    """200 when the site can read its ledger, else 503."""
    try:
        read_head()
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    return JsonResponse({"status": "ok"})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus' text format, for who has the token or sits on the machine."""
    if not _may_read(request):
        raise Http404
    return HttpResponse(
        "\n".join(_lines()) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8"
    )


def _may_read(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode())
    # Behind a proxy everybody seems to sit on this machine: then only the token counts.
    came_directly = not settings.BEHIND_TLS and not (
        {"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} & set(request.headers)
    )
    return came_directly and request.META.get("REMOTE_ADDR") in _LOOPBACK


def _lines() -> Iterator[str]:
    yield from _one("equipoise_info", 1, labels=f'version="{equipoise.__version__}"')
    yield from _traffic_lines()
    try:
        head, size = read_head(), _database_bytes()
    except DatabaseError:
        yield from _one("equipoise_database_up", 0)
        return
    yield from _one("equipoise_database_up", 1)
    yield from _one("equipoise_database_bytes", size)
    yield from _one("equipoise_ledger_lines", head.number)
    yield from _one("equipoise_ledger_idle_seconds", _idle_seconds(head))


def _traffic_lines() -> Iterator[str]:
    by_kind, by_time, seconds = read_traffic()
    yield "# TYPE equipoise_requests_total counter"
    for kind, count in zip(KINDS, by_kind, strict=True):
        yield f'equipoise_requests_total{{status="{kind}"}} {count}'
    yield "# TYPE equipoise_request_seconds histogram"
    for upto, count in zip((*UPTO_SECONDS, "+Inf"), by_time, strict=True):
        yield f'equipoise_request_seconds_bucket{{le="{upto}"}} {count}'
    yield f"equipoise_request_seconds_sum {seconds}"
    yield f"equipoise_request_seconds_count {by_time[-1]}"


def _one(name: str, value: float, *, labels: str = "") -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    yield f"{name}{{{labels}}} {value}" if labels else f"{name} {value}"


def _database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def _idle_seconds(head: Head) -> float:
    return round((timezone.now() - head.at).total_seconds(), 1) if head.number else 0.0
