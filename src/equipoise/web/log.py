"""Logs as lines of JSON, without anything that a patient or a user typed.

A request is told by the pattern of its address, not by the address; an error by its kind and its
places in the code, not by its message, as a message may quote a value. Who did what is in the
ledger.
"""

import json
import logging
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from equipoise.web.traffic import count_request

Answer = Callable[[HttpRequest], HttpResponse]
_REQUESTS = logging.getLogger("equipoise.request")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line: instant, level, logger, message or error, and what a request is told by."""
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[0] is not None:
            said["error"] = record.exc_info[0].__name__
            frames = traceback.extract_tb(record.exc_info[2])
            said["places"] = [f"{f.filename}:{f.lineno} {f.name}" for f in frames[-12:]]
        said |= getattr(record, "told", None) or {"message": _message(record)}
        return json.dumps(said, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    """The message; of libraries that quote requests in warnings only what nobody typed."""
    quotes = record.levelno > logging.INFO and not record.name.startswith("equipoise")
    return str(record.msg) if quotes else record.getMessage()


def log_settings() -> dict[str, Any]:
    """What Django's logging is told."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"lines": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["lines"], "level": "INFO"},
        "loggers": {
            name: {"handlers": [], "level": level, "propagate": True}
            for name, level in _LEVELS.items()
        },
    }


def log_requests(get_response: Answer) -> Answer:
    """Middleware that counts each request and writes a line about it."""

    def respond(request: HttpRequest) -> HttpResponse:
        start = time.perf_counter()
        response = get_response(request)
        seconds = time.perf_counter() - start
        count_request(response.status_code, seconds=seconds)
        told = {
            "method": request.method if request.method in _METHODS else "other",
            "route": request.resolver_match.route if request.resolver_match else "(none)",
            "status": response.status_code,
            "milliseconds": round(seconds * 1000, 1),
        }
        if told["route"] not in _QUIET or response.status_code >= 400:
            _REQUESTS.info("request", extra={"told": told})
        return response

    return respond


_LEVELS = {
    "django": "INFO",
    "django.request": "ERROR",  # what was refused is in the line of the request
    "django.server": "ERROR",
    "axes": "ERROR",  # it names who failed to log in
    "gunicorn.error": "INFO",
}
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"})
_QUIET = frozenset({"health", "metrics"})  # asked every few seconds by machines
