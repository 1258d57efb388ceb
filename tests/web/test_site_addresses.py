"""Addresses as people write them, and what is in front of every answer."""

import json
import logging

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.test.utils import override_settings
from django.urls import resolve

from equipoise.web.addresses import read_database_url, read_site_url
from equipoise.web.log import JsonLines, log_requests, log_settings
from equipoise.web.security import add_headers, limit_uploads
from equipoise.web.traffic import KINDS, UPTO_SECONDS, count_request, read_traffic

# address | role, password, host, port, name
DATABASES = """
postgresql://app:pw@db:5432/trial            | app pw db 5432 trial
postgres://app:pw@db/trial                   | app pw db - trial
postgresql:///equipoise                      | - - - - equipoise
postgresql://app@/trial?host=/run/pg         | app - /run/pg - trial
postgresql://app@/trial?host=/run/pg&port=99 | app - /run/pg 99 trial
postgresql://a%3Ab:p%40%3A%2Fw@db/trial      | a:b p@:/w db - trial
postgresql://app:pw@[::1]:5433/trial         | app pw ::1 5433 trial
postgresql://app:pw@db/%ED%95%9C             | app pw db - 한
postgresql://app:pw@DB.Example/trial         | app pw db.example - trial
postgresql://app:pw@one/trial?host=two       | app pw two - trial
"""


@pytest.mark.parametrize("text", DATABASES.strip().splitlines())
def test_the_address_of_a_database_is_taken_apart(text: str) -> None:
    url, expected = (part.strip() for part in text.split("|"))
    read = read_database_url(url)
    told = [read[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")]
    assert [part or "-" for part in told] == expected.split()
    assert read["ENGINE"] == "django.db.backends.postgresql"
    assert not {"host", "port"} & set(read["OPTIONS"])


@pytest.mark.parametrize("url", ["mysql://a@b/c", "sqlite:///trial.db", "trial", "", "file:///x"])
def test_a_trial_lives_in_no_other_database(url: str) -> None:
    with pytest.raises(ValueError, match="lives in PostgreSQL: write postgresql://"):
        read_database_url(url)


def test_a_refusal_of_an_address_does_not_tell_its_password() -> None:
    with pytest.raises(ValueError, match="mysql:") as refused:
        read_database_url("mysql://app:secret@db/trial")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "host", "tls"),
    [
        ("https://trial.example", "trial.example", True),
        ("https://Trial.Example/", "trial.example", True),
        ("HTTPS://trial.example", "trial.example", True),
        ("http://127.0.0.1:8000", "127.0.0.1", False),
        ("http://[::1]:8000", "::1", False),
        ("https://trial.example:8443/path", "trial.example", True),
    ],
)
def test_the_address_of_the_site_tells_host_and_tls(url: str, host: str, tls: bool) -> None:
    assert read_site_url(url) == (host, tls)


def answered(**headers: str) -> HttpResponse:
    """What leaves the site when a page answers with these headers."""
    middleware = add_headers(lambda _: HttpResponse("page", headers=headers))
    return middleware(RequestFactory().get("/"))


def test_a_page_without_headers_gets_all_of_them() -> None:
    told = answered().headers
    assert told["Cache-Control"] == "no-store"
    assert told["Cross-Origin-Resource-Policy"] == "same-origin"
    policy = dict(part.split(" ", 1) for part in told["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert policy["form-action"] == "'self'"
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert not any("unsafe" in value or "http" in value for value in policy.values())
    for device in ("camera", "geolocation", "microphone"):
        assert f"{device}=()" in told["Permissions-Policy"]


def test_a_page_that_says_better_keeps_its_word() -> None:
    told = answered(**{"Cache-Control": "private", "Content-Disposition": "attachment"}).headers
    assert told["Cache-Control"] == "private"
    assert told["Content-Disposition"] == "attachment"
    assert told["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    ("length", "status"),
    [("0", 200), ("5000000", 200), ("5000001", 413), ("-5", 413), ("5e3", 413),
     ("²", 413), ("0x10", 413), ("9" * 40, 413), ("", 200)],
)  # fmt: skip
def test_an_upload_is_read_up_to_the_limit_and_not_a_byte_further(length: str, status: int) -> None:
    read: list[str] = []

    def page(request: HttpRequest) -> HttpResponse:
        read.append(request.path)
        return HttpResponse("read")

    request = RequestFactory().post("/", b"", content_type="text/plain")
    request.META["CONTENT_LENGTH"] = length
    answer = limit_uploads(page)(request)
    assert answer.status_code == status
    assert len(read) == (status == 200)
    assert answer.headers.get("Connection") == ("close" if status == 413 else None)


def test_the_limit_is_that_of_the_settings() -> None:
    request = RequestFactory().post("/", b"x" * 11, content_type="text/plain")
    with override_settings(UPLOAD_MOST_BYTES=10):
        assert limit_uploads(lambda _: HttpResponse())(request).status_code == 413
    assert limit_uploads(lambda _: HttpResponse())(request).status_code == 200


# address | status | is there a line about it, and which pattern tells it
REQUESTS = """
/health          | 200 | no
/health          | 503 | health
/metrics         | 200 | no
/metrics         | 404 | metrics
/work/           | 200 | work/
/subjects/01-001/lesions/ | 200 | subjects/<str:subject>/lesions/
/subjects/01-001/lesions/ | 500 | subjects/<str:subject>/lesions/
"""


@pytest.mark.parametrize("text", REQUESTS.strip().splitlines())
def test_a_request_is_told_by_its_pattern_and_machines_that_ask_often_are_not(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    path, status, route = (part.strip() for part in text.split("|"))
    request = RequestFactory().get(path, {"name": "Kim"})
    request.resolver_match = resolve(path)
    with caplog.at_level(logging.INFO, logger="equipoise.request"):
        log_requests(lambda _: HttpResponse(status=int(status)))(request)
    lines = [json.loads(JsonLines().format(record)) for record in caplog.records]
    assert [line["route"] for line in lines] == ([] if route == "no" else [route])
    assert "01-001" not in str(lines)
    assert "Kim" not in str(lines)
    assert all(line["status"] == int(status) and line["milliseconds"] >= 0 for line in lines)


def test_every_line_says_when_how_grave_and_from_where() -> None:
    record = logging.makeLogRecord(
        {"name": "equipoise.x", "levelno": 30, "levelname": "WARNING", "msg": "disk at %d %%",
         "args": (91,), "created": 1772442000.5}
    )  # fmt: skip
    assert json.loads(JsonLines().format(record)) == {
        "at": "2026-03-02T09:00:00.500+00:00",
        "level": "warning",
        "logger": "equipoise.x",
        "message": "disk at 91 %",
    }


def test_what_names_who_failed_to_log_in_is_silent() -> None:
    levels = {name: each["level"] for name, each in log_settings()["loggers"].items()}
    assert levels["axes"] == levels["django.request"] == "ERROR"
    assert log_settings()["root"]["handlers"] == ["lines"]


# status | kind of answer
COUNTED = [(100, "1xx"), (200, "2xx"), (299, "2xx"), (304, "3xx"), (429, "4xx"), (500, "5xx"),
           (599, "5xx"), (999, "5xx"), (0, "1xx")]  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), COUNTED)
def test_every_answer_counts_once_in_its_kind(status: int, kind: str) -> None:
    before = read_traffic()[0]
    count_request(status, seconds=0)
    added = [after - was for was, after in zip(before, read_traffic()[0], strict=True)]
    assert dict(zip(KINDS, added, strict=True)) == {each: int(each == kind) for each in KINDS}


@pytest.mark.parametrize("upto", UPTO_SECONDS)
def test_a_request_as_long_as_a_bucket_is_in_it_and_a_longer_one_in_the_next(upto: float) -> None:
    place = UPTO_SECONDS.index(upto)
    before = read_traffic()[1]
    count_request(200, seconds=upto)
    count_request(200, seconds=upto * 1.001)
    added = [after - was for was, after in zip(before, read_traffic()[1], strict=True)]
    assert added == [0] * place + [1] + [2] * (len(UPTO_SECONDS) - place)
