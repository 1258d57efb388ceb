"""A site with an account in every role."""

from collections.abc import Iterator

import pytest
from django.core import mail
from django.test.utils import override_settings
from django.utils.translation import override

from equipoise.store.embedded import Server
from store.entries import fix_seed, give_passwords
from store.trial_database import close_connections, copy_template, keep_as_template
from web.visitors import add_person, open_site

SITE = "site_template"


@pytest.fixture(scope="session")
def site_template(trial_server: Server) -> Server:
    """A template in which the trial is open, made once."""
    copy_template(trial_server)
    open_site()
    give_passwords()
    fix_seed()
    add_person("kim")
    keep_as_template(trial_server, template=SITE)
    return trial_server


@pytest.fixture
def site(site_template: Server) -> Iterator[Server]:
    """The trial open at two sites, its sequence fixed: an account in every role, and `kim`.

    Their password is that of `store.entries`, that of kim the one of `web.visitors`.
    """
    copy_template(site_template, template=SITE)
    yield site_template
    close_connections()


@pytest.fixture(autouse=True)
def _mail_and_language_stay_here() -> Iterator[None]:
    mail.outbox = []
    sent_nowhere = override_settings(
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        ALLOWED_HOSTS=["testserver"],
    )
    with sent_nowhere, override("en"):
        yield
