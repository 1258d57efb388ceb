"""A site that a browser can open: Django beside the test, on the PostgreSQL of the session."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer
from django.core.wsgi import get_wsgi_application
from django.test.testcases import QuietWSGIRequestHandler
from playwright.sync_api import Browser, sync_playwright

from browser.notice import NAMES, NO_BROWSER

QUIET = (  # nothing but the site is asked for anything
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
)


def find_chromium() -> str:
    """The path of the browser that is installed; empty where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), "")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium; the test is skipped, loudly, where there is none."""
    path = find_chromium()
    if not path:
        pytest.skip(NO_BROWSER)
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps a loop in this thread
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
            yield browser
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@contextmanager
def serving() -> Iterator[str]:
    """The address of the site, served in threads of this process."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), QuietWSGIRequestHandler)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
