"""Every answer protects the browser, and nobody sends more than is read."""

import pytest
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from equipoise.store.embedded import Server
from equipoise.web.addresses import read_database_url, read_site_url


def test_every_answer_carries_the_headers(site: Server) -> None:
    answer = Client().get("/nowhere")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("said", ["50000000", "-1", "1e3", "12 "])
def test_a_huge_or_odd_upload_is_refused_unread(said: str) -> None:
    answer = Client().post("/nowhere", content_type="text/plain", headers={}, CONTENT_LENGTH=said)
    assert answer.status_code == 413
    told = answer.content.decode()
    assert "more than the 5 MB" in told
    assert "<h1>Too much at once</h1>" in told
    assert answer.headers["Connection"] == "close"


def test_a_usual_upload_passes(site: Server) -> None:
    answer = Client().post("/nowhere", data="x" * 1000, content_type="text/plain")
    assert answer.status_code == 404


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", MULTIPART_CONTENT])
@pytest.mark.parametrize(("size", "status"), [(2_700_000, 200), (4_990_000, 200), (5_000_001, 413)])
def test_a_form_is_read_up_to_the_limit_that_is_told(
    site: Server, kind: str, size: int, status: int
) -> None:
    told = {"login": "kim", "password": "x" * size}
    data = told if kind == MULTIPART_CONTENT else f"login=kim&password={told['password']}"
    assert Client().post("/accounts/login/", data, content_type=kind).status_code == status


def test_an_unknown_host_is_refused(site: Server) -> None:
    assert Client().get("/health", headers={"Host": "evil.example"}).status_code == 400


def test_the_address_of_the_site_says_whether_tls_is_in_front() -> None:
    assert read_site_url("https://trial.example:8443") == ("trial.example", True)
    assert read_site_url("http://localhost:8000") == ("localhost", False)
    for wrong in ("trial.example", "ftp://trial.example", "https://", ""):
        with pytest.raises(ValueError, match="EQUIPOISE_URL"):
            read_site_url(wrong)


def test_the_address_of_a_database_is_read_in_every_part() -> None:
    read = read_database_url("postgresql://a%40b:p%2Fw@db.example:5433/trial?sslmode=require")
    assert (read["USER"], read["PASSWORD"], read["HOST"]) == ("a@b", "p/w", "db.example")
    assert (read["PORT"], read["NAME"], read["OPTIONS"]) == (
        "5433",
        "trial",
        {"sslmode": "require"},
    )
    assert read_database_url("postgresql://a@/t?host=%2Frun%2Fx")["HOST"] == "/run/x"
