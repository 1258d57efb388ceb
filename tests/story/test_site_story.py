"""One patient through the real site: screened to locked over HTTP, then cut, derived, reported."""

import os
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from django.test import override_settings

from equipoise.store.embedded import Server
from equipoise.store.ledger import read_head
from store.cuts import cut_site, report_of
from store.entries import KEY, fix_seed, give_passwords
from store.trial_database import close_connections, copy_template
from story.people_at_pages import Person, Trial, pages_read
from story.site_ending import check_cut, check_ledger, run
from story.site_story import PROGRESSED, SBRT_FIRST, STORY
from web.visitors import open_site


@pytest.fixture(scope="module")
def lived(trial_server: Server) -> Iterator[Server]:
    """The trial after the whole story."""
    copy_template(trial_server)
    open_site()
    give_passwords()
    fix_seed(SBRT_FIRST)
    trial = Trial(Person)
    said = {"RANDOMISATION_KEY": KEY, "ALLOWED_HOSTS": ["testserver"]}
    with override_settings(**said), pages_read(trial.clock):
        for step in STORY:
            trial.do(step)
    yield trial_server
    close_connections()


@pytest.fixture(scope="module", name="cut")
def _cut(lived: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of the trial cut at its end, with arms."""
    folder = tmp_path_factory.mktemp("lived") / "cut"
    cut_site(lived, folder, reader="dana", with_arms=True)
    return folder


def test_every_deed_stands_in_the_ledger_once_by_who_did_it(lived: Server) -> None:
    check_ledger()


def test_the_cut_derives_the_progression_that_the_pages_were_told(cut: Path) -> None:
    check_cut(cut)


def test_the_report_of_the_cut_tells_the_ledger_line_and_its_subject(
    lived: Server, cut: Path
) -> None:
    report = report_of(cut)
    assert f"line {read_head().number - 2}, head" in report.source
    (page,) = (html for name, html in report.pages.items() if name != "report.html")
    assert PROGRESSED.isoformat() in page
    with patch.dict(os.environ, {"DATABASE_URL": lived.application_url}):
        verified = run("ledger", "verify", "--head", report.source.rpartition(" ")[2])
    assert verified["findings"] == []
