"""Secrets of a site: one made once in the data folder, one given at start and kept nowhere."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from equipoise.cli.site_database import refuse


@contextmanager
def lock_site(data: Path) -> Iterator[None]:
    """The data folder for this site alone; another site on it is told."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(data / "site.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        number = os.read(descriptor, 20).decode("ascii", errors="replace")
        refuse(f"A site runs on {data} already (process {number}). Stop it first.")
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
        yield
    finally:
        os.close(descriptor)


def read_secret_key(data: Path) -> str:
    """The key that signs sessions and seals second factors, made once, for its owner only.

    That of the environment, where one is given.
    """
    if given := os.environ.get("EQUIPOISE_SECRET_KEY"):
        return given
    path = data / "secret_key"
    if not path.exists():
        making = path.with_suffix(".making")
        making.unlink(missing_ok=True)
        with os.fdopen(os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        making.rename(path)
    return _read_closed(path)


def read_site_key(data: Path) -> str:
    """The key that signs sessions of the site that is there; refused where there is none."""
    path = data / "secret_key"
    if given := os.environ.get("EQUIPOISE_SECRET_KEY"):
        return given
    if not path.exists():
        refuse(f"'{data}' holds no key of a site. Name the folder that it is served from (--data).")
    return _read_closed(path)


def _read_closed(path: Path) -> str:
    if path.stat().st_mode & 0o077:
        refuse(f"Others may read {path}: chmod 600 it.")
    return path.read_text(encoding="ascii")


def read_randomisation_key(data: Path, *, file: Path | None, ask: bool) -> str:
    """The key of the sealed randomisation, from a file, a prompt or EQUIPOISE_KEY; or none."""
    if file is not None:
        if data.resolve() in file.resolve().parents:
            refuse(f"{file} lies in the data folder. Keep the key apart from the database.")
        if file.stat().st_mode & 0o077:
            refuse(f"Others may read {file}: chmod 600 it.")
        return file.read_text(encoding="utf-8").strip()
    if ask:
        return str(click.prompt("Key of the randomisation", hide_input=True))
    return os.environ.get("EQUIPOISE_KEY", "")
