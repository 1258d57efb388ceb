"""A trial that is open, a browser in front of it."""

from collections.abc import Iterator

import pytest
from django.test import override_settings

from browser.clicks import Desk
from browser.live_site import open_browser, serving
from equipoise.store.embedded import Server
from store.entries import KEY, fix_seed, give_passwords
from store.trial_database import close_connections, copy_template
from story.site_story import SBRT_FIRST
from web.visitors import open_site


@pytest.fixture(scope="module")
def desk(trial_server: Server) -> Iterator[Desk]:
    """A browser in front of a trial that is open at two sites, with an account in every role."""
    with (
        open_browser() as browser,
        override_settings(
            RANDOMISATION_KEY=KEY, EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"
        ),
    ):
        copy_template(trial_server)
        open_site()
        give_passwords()
        fix_seed(SBRT_FIRST)
        with serving() as address:
            yield Desk(browser=browser, address=address)
        close_connections()
