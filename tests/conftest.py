"""Property tests draw the same examples every time, and may wait for a kernel to be compiled."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import settings

from browser.notice import tell_unlooked
from equipoise.store.embedded import Server, start_server
from store.trial_database import (
    close_connections,
    connect_django,
    copy_template,
    set_django_up,
)

set_django_up()  # models can be imported only then

# The first call of a kernel on a machine compiles for seconds; a test that fails must fail again.
settings.register_profile("equipoise", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("equipoise")


def pytest_collection() -> None:
    """Ten thousand tests are made and none is thrown away: nothing is looked through meanwhile."""
    gc.disable()


def pytest_collection_finish() -> None:
    """The tests stay to the end, so that no later search for what is free goes through them."""
    gc.freeze()
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says at the end, where nobody overlooks it, that no browser looked at the site."""
    skipped = terminalreporter.getreports("skipped")
    if notice := tell_unlooked(str(each.longrepr) for each in skipped):
        terminalreporter.write_sep("!", "a browser is missing", red=True, bold=True)
        terminalreporter.write_line(notice, red=True, bold=True)
        terminalreporter.write_sep("!", red=True, bold=True)


@pytest.fixture(scope="session")
def trial_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A PostgreSQL for the session, with a migrated trial as template; Django is set up."""
    with start_server(tmp_path_factory.mktemp("trial"), durable=False) as server:
        connect_django(server)
        yield server
        close_connections()


@pytest.fixture
def trial(trial_server: Server) -> Iterator[Server]:
    """An empty trial that Django is connected to under the application's role."""
    copy_template(trial_server)
    yield trial_server
    close_connections()
