"""The addresses that a site is told: of its database, and its own."""

from collections.abc import Mapping
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
        "CONN_MAX_AGE": 600,
    }


def read_count(environment: Mapping[str, str], name: str) -> int:
    """How many; none where nothing is said."""
    said = environment.get(name, "") or "0"
    if not (said.isascii() and said.isdigit()):
        raise ValueError(f"{name} is a number such as 1, not '{said}'")
    return int(said)


def read_site_url(url: str) -> tuple[str, bool]:
    """The host name of the site's address, and whether TLS stands in front of it."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"EQUIPOISE_URL is an address such as https://trial.example, not '{url}'")
    return parts.hostname, parts.scheme == "https"
