"""`equipoise serve`: the site of a trial, with its database."""

import ipaddress
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import click

from equipoise.cli.output import FINDINGS, MISUSE, leave
from equipoise.cli.site_database import Addresses, data_option, open_database
from equipoise.cli.site_secrets import lock_site, read_randomisation_key, read_secret_key


@click.command()
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--url", envvar="EQUIPOISE_URL", show_envvar=True, metavar="URL",
              help="The address that people use, https behind TLS.")  # fmt: skip
@click.option("--key-file", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="The key of the randomisation; else EQUIPOISE_KEY.")  # fmt: skip
@click.option("--ask-key", is_flag=True, help="Ask for the key of the randomisation.")
@click.option("--upgrade", is_flag=True, help="Bring the tables of an older version up to date.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 32))
def serve(
    data: Path, host: str, port: int, url: str | None, key_file: Path | None, ask_key: bool,
    upgrade: bool, workers: int,
) -> None:  # fmt: skip
    """Run the site of a trial until it is stopped (Ctrl-C or SIGTERM)."""
    address = url or f"http://{'localhost' if _is_loopback(host) else host}:{port}"
    _check_address(address, host=host)
    signal.signal(signal.SIGTERM, _leave_cleanly)  # gunicorn sets its own later
    with lock_site(data):
        key = read_randomisation_key(data, file=key_file, ask=ask_key)
        secret = read_secret_key(data)
        with open_database(data) as database:
            _prepare(database, upgrade=upgrade)
            os.environ |= {
                "DATABASE_URL": database.application,
                "DJANGO_SETTINGS_MODULE": "equipoise.web.settings",
                "EQUIPOISE_KEY": key,
                "EQUIPOISE_SECRET_KEY": secret,
                "EQUIPOISE_URL": address,
            }
            os.environ.pop("EQUIPOISE_OWNER_URL", None)  # the site never holds it
            click.echo(f"The site is at {address} (listening on {host}:{port}). Ctrl-C stops it.")
            if not key:
                click.echo("No key of the randomisation was given: nobody can be randomised.")
            _run(bind=f"[{host}]:{port}" if ":" in host else f"{host}:{port}", workers=workers)


def _leave_cleanly(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _check_address(address: str, *, host: str) -> None:
    """Passwords and data of patients never cross a network in clear."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        click.echo(f"'{address}' is no address: write it as https://trial.example", err=True)
        leave(MISUSE)
    if parts.scheme == "http" and not (_is_loopback(host) and _is_loopback(parts.hostname)):
        click.echo(
            "People would send passwords in clear. Put TLS in front of the site and name its "
            "address (--url https://...): docs/how-to/run-the-site.md shows how.",
            err=True,
        )
        leave(MISUSE)


def _prepare(database: Addresses, *, upgrade: bool) -> None:
    """Makes or checks the tables as their owner, in a process of its own."""
    known = {"DATABASE_URL": database.application, "EQUIPOISE_OWNER_URL": database.owner}
    known |= {"DJANGO_SETTINGS_MODULE": "equipoise.web.settings", "EQUIPOISE_SECRET_KEY": "none"}
    words = [sys.executable, "-m", "equipoise.web.schema", *(["--upgrade"] if upgrade else [])]
    if subprocess.run(words, env={**os.environ, **known}, check=False).returncode != 0:  # noqa: S603
        leave(FINDINGS)


def _run(*, bind: str, workers: int) -> None:
    from gunicorn.app.base import BaseApplication

    from equipoise.web.log import log_settings

    settings = {
        "bind": bind,
        "workers": workers,
        "threads": 4,
        "worker_class": "gthread",
        "preload_app": True,
        "timeout": 60,
        "graceful_timeout": 20,
        "control_socket_disable": True,
        "logconfig_dict": log_settings(),
        "proc_name": "equipoise",
    }

    class Site(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            for name, value in settings.items():
                self.cfg.set(name, value)

        def load(self) -> object:
            from equipoise.web.wsgi import application

            return application

    site = os.getpid()
    try:
        Site().run()
    except SystemExit as end:
        if os.getpid() != site:  # a worker that ends must not stop the database of the others
            os._exit(end.code if isinstance(end.code, int) else 1)
        raise
