"""A site with an account in every role."""

import pytest
from django.core import mail
from django.test.utils import override_settings

from equipoise.store.embedded import Server
from web.visitors import open_site

HASHER = "django.contrib.auth.hashers.Argon2PasswordHasher"


@pytest.fixture
def site(trial: Server) -> Server:
    """The trial open at two sites, with an account in every role (`web.visitors`)."""
    open_site()
    return trial


@pytest.fixture(autouse=True)
def _mail_stays_here():  # type: ignore[no-untyped-def]
    mail.outbox = []
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend",
        ALLOWED_HOSTS=["testserver"],
    ):
        yield
