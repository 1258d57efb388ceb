"""A trial that is open: sites, people with passwords, the sequence fixed."""

from collections.abc import Iterator

import pytest

from equipoise.store.embedded import Server
from store.entries import fix_seed, give_passwords
from store.people import open_sites
from store.trial_database import close_connections, copy_template, keep_as_template

OPEN = "trial_open"


@pytest.fixture(scope="session")
def open_template(trial_server: Server) -> str:
    """The template of an open trial."""
    copy_template(trial_server)
    open_sites()
    give_passwords()
    fix_seed()
    keep_as_template(trial_server, template=OPEN)
    return OPEN


@pytest.fixture
def sites(trial_server: Server, open_template: str) -> Iterator[Server]:
    """An open trial with two sites and nobody screened."""
    copy_template(trial_server, template=open_template)
    yield trial_server
    close_connections()
