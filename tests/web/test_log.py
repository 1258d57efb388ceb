"""A log line tells what happened and never what somebody typed."""

import json
import logging
from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from equipoise.web.log import JsonLines, log_requests

NAME = "Kim Minjun"


class Kept(logging.Handler):
    """Keeps lines as they would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(name="kept")
def _kept() -> Iterator[Kept]:
    handler = Kept()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def test_an_error_is_told_by_kind_and_place_without_its_message(kept: Kept) -> None:
    try:
        raise LookupError(f"no row for {NAME}")
    except LookupError:
        logging.getLogger("equipoise.entry").exception("A form could not be shown")
    said = json.loads(kept.lines[0])
    assert NAME not in kept.lines[0]
    assert said["error"] == "LookupError"
    assert said["message"] == "A form could not be shown"
    assert said["level"] == "error"
    assert "test_log.py" in said["places"][0]


def test_a_library_that_quotes_a_request_is_not_repeated(kept: Kept) -> None:
    logging.getLogger("django.security").warning("Bad host: %s", NAME)
    logging.getLogger("gunicorn.error").warning("Invalid request from %s", NAME)
    assert len(kept.lines) == 2
    assert NAME not in "".join(kept.lines)


def test_a_line_stays_one_line(kept: Kept) -> None:
    logging.getLogger("equipoise").warning("first\nsecond")
    assert "\n" not in kept.lines[0]


def test_a_request_is_told_by_the_pattern_of_its_address(kept: Kept) -> None:
    answer = Client().get(f"/subject/{NAME}", {"name": NAME})
    assert answer.status_code == 404
    (line,) = [line for line in kept.lines if '"equipoise.request"' in line]
    said = json.loads(line)
    assert NAME.split(maxsplit=1)[0] not in "".join(kept.lines)
    assert (said["method"], said["route"], said["status"]) == ("GET", "(none)", 404)


def test_an_odd_method_is_not_repeated(kept: Kept) -> None:
    def answer(_: HttpRequest) -> HttpResponse:
        return HttpResponse(status=405)

    log_requests(answer)(RequestFactory().generic("KIM", "/"))
    assert json.loads(kept.lines[0])["method"] == "other"
