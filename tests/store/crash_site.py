"""A site in a process of its own, to be killed: prepares a trial, saves without end, or checks.

`python crash_site.py prepare|load|check URL OWNER_URL`; `load` prints each save once it stands.
"""

import json
import os
import sys
from itertools import count

TASK, URL, OWNER_URL = sys.argv[1:4]
os.environ["DATABASE_URL"], os.environ["EQUIPOISE_OWNER_URL"] = URL, OWNER_URL
os.environ["DJANGO_SETTINGS_MODULE"] = "equipoise.web.settings"
os.environ["EQUIPOISE_SECRET_KEY"] = "a key for tests only, as long as a key should be"

import django  # noqa: E402 - the settings come first

django.setup()

from django.core.management import call_command  # noqa: E402

from equipoise.store.models import FormEntry  # noqa: E402
from equipoise.store.verify import verify_trial  # noqa: E402
from store.entries import draft  # noqa: E402
from store.people import open_sites, screen  # noqa: E402


def prepare() -> None:
    """A migrated trial with two subjects."""
    call_command("migrate", database="owner", verbosity=0)
    open_sites()
    screen("01")
    screen("01")


def load() -> None:
    """Saves a form again and again, and tells the version of each save that was acknowledged."""
    subject = sys.argv[4]
    row = FormEntry.objects.filter(subject=subject, form="dm").first()
    for seen in count(row.version if row else 0):
        done = draft((subject, "dm"), f"birth_year={1900 + seen % 100}", seen=seen)
        sys.stdout.write(f"{done.answer['version']}\n")
        sys.stdout.flush()


def check() -> None:
    """What stands: the version of each form, and what verification finds."""
    said = verify_trial()
    versions = {row.subject_id: (row.version, row.values) for row in FormEntry.objects.all()}
    told = {"findings": [str(f) for f in said.findings], "versions": versions}
    sys.stdout.write(json.dumps(told))


{"prepare": prepare, "load": load, "check": check}[TASK]()
