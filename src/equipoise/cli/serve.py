"""`equipoise serve`: the site of a trial, with its database."""

import ipaddress
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import click

from equipoise.cli.demo_site import choose_folder, show_in_own_process
from equipoise.cli.site_database import (
    data_option,
    open_database,
    open_embedded,
    prepare_site,
    refuse_misuse,
)
from equipoise.cli.site_secrets import lock_site, read_randomisation_key, read_secret_key
from equipoise.store.demo_secrets import DEMO_KEY


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
@click.option("--demo", is_flag=True, help="A site filled with rehearsed patients, to look at.")
def serve(
    data: Path, host: str, port: int, url: str | None, key_file: Path | None, ask_key: bool,
    upgrade: bool, workers: int, demo: bool,
) -> None:  # fmt: skip
    """Run the site of a trial until it is stopped (Ctrl-C or SIGTERM)."""
    address = url or f"http://{'localhost' if _is_loopback(host) else host}:{port}"
    _check_address(address, host=host)
    if demo:
        _check_demo(address, host=host, has_key=ask_key or key_file is not None)
        data = choose_folder(data)
    signal.signal(signal.SIGTERM, _leave_cleanly)  # gunicorn sets its own later
    with lock_site(data):
        key = DEMO_KEY if demo else read_randomisation_key(data, file=key_file, ask=ask_key)
        secret = read_secret_key(data)
        with (open_embedded if demo else open_database)(data) as database:
            prepare_site(database, key=key, upgrade=upgrade, demo=demo)
            if demo:
                show_in_own_process(data)
            os.environ |= {
                "DATABASE_URL": database.application,
                "DJANGO_SETTINGS_MODULE": "equipoise.web.settings",
                "EQUIPOISE_KEY": key,
                "EQUIPOISE_SECRET_KEY": secret,
                "EQUIPOISE_URL": address,
            }
            # A request is small, and other requests have the other cores.
            os.environ.setdefault("POLARS_MAX_THREADS", "1")
            os.environ.pop("EQUIPOISE_OWNER_URL", None)  # the site never holds it
            click.echo(f"The site is at {address} (listening on {host}:{port}). Ctrl-C stops it.")
            if not key:
                click.echo("No key of the randomisation was given: nobody can be randomised.")
            if address.startswith("https:") and not os.environ.get("EQUIPOISE_PROXIES"):
                click.echo(_NO_PROXY)
            _run(bind=f"[{host}]:{port}" if ":" in host else f"{host}:{port}", workers=workers)


_NO_PROXY = (
    "EQUIPOISE_PROXIES is not set: all people seem to come from the proxy in front of the site, "
    "and a few wrong passwords lock out everybody. docs/how-to/run-the-site.md shows how."
)


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
        refuse_misuse(f"'{address}' is no address: write it as https://trial.example")
    if parts.scheme == "http" and not (_is_loopback(host) and _is_loopback(parts.hostname)):
        refuse_misuse(
            "People would send passwords in clear. Put TLS in front of the site and name its "
            "address (--url https://...): docs/how-to/run-the-site.md shows how."
        )


def _check_demo(address: str, *, host: str, has_key: bool) -> None:
    """Its passwords are known to everybody: it is for this machine, and for no real trial."""
    if not (_is_loopback(host) and _is_loopback(urlsplit(address).hostname or "")):
        refuse_misuse("A demonstration is for this machine alone: leave --host and --url away.")
    if has_key:
        refuse_misuse("A demonstration brings its own key: keep that of your trial away from it.")


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
