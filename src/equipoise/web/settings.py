"""The settings of Django, read from the environment: a site differs from another in nothing else.

`DATABASE_URL` names the database with the application's role, `EQUIPOISE_OWNER_URL` the same one
with the role that owns the tables; only migrations use the latter.
"""

import os
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit


def read_database_url(url: str) -> dict[str, Any]:
    """What Django wants to know of `postgresql://role:password@host:port/name?host=/socket`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(
            f"a trial lives in PostgreSQL: write postgresql://..., not '{parts.scheme}:'"
        )
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": str(options.pop("port", parts.port or "")),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": True,
    }


_UNSET = "postgresql:///equipoise"
DATABASES = {
    "default": read_database_url(os.environ.get("DATABASE_URL", _UNSET)),
    "owner": read_database_url(
        os.environ.get("EQUIPOISE_OWNER_URL", os.environ.get("DATABASE_URL", _UNSET))
    ),
}
SECRET_KEY = os.environ.get("EQUIPOISE_SECRET_KEY", "")
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "equipoise.store"]
AUTH_USER_MODEL = "store.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"
