"""The store under load: entering, saving, verifying and reading 1,000 subjects x 40 forms.

    python benchmarks/site_store.py [subjects]

Fills an embedded server of its own and prints one line a measure. Where the lines double, so should
the seconds: each reading is timed at half of the ledger and at the whole.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]

from store.trial_database import (  # noqa: E402 - the tests hold the people of a small trial
    close_connections,
    set_django_up,
)

set_django_up()

from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

from equipoise.store.actions.complete_form import complete_form  # noqa: E402
from equipoise.store.actions.enter_forms import Typed, enter_checked  # noqa: E402
from equipoise.store.actions.save_form import save_form  # noqa: E402
from equipoise.store.embedded import start_server  # noqa: E402
from equipoise.store.ledger import read_head  # noqa: E402
from equipoise.store.models import FormEntry  # noqa: E402
from equipoise.store.read_entries import read_written  # noqa: E402
from equipoise.store.verify import verify_trial  # noqa: E402
from equipoise.web.addresses import read_database_url  # noqa: E402
from store.entries import ELIGIBLE, saving  # noqa: E402
from store.people import by, open_sites, screen  # noqa: E402

THREADS, VISITS = 8, 33
TEXTS: dict[tuple[str, ...], str] = {
    **ELIGIBLE,
    **{("ecog", f"w{6 * visit}"): "ecog_date=2026-03-01 ecog=0" for visit in range(1, VISITS + 1)},
}


@contextmanager
def trial() -> Iterator[None]:
    """An open trial on a server of its own."""
    from django.conf import settings  # noqa: PLC0415 - only once it is set up

    with tempfile.TemporaryDirectory() as folder, start_server(Path(folder)) as server:
        settings.DATABASES["default"].update(read_database_url(server.application_url))
        settings.DATABASES["owner"].update(read_database_url(server.owner_url))
        call_command("migrate", database="owner", verbosity=0)
        open_sites()
        yield
        close_connections()


def timed(what: str, count: int, do: Callable[[], object]) -> None:
    """Prints how long it takes, and how many of `count` that makes a second."""
    begun = time.perf_counter()
    do()
    seconds = time.perf_counter() - begun
    sys.stdout.write(f"{what:<34}{count:>9}{seconds:>9.2f} s{count / seconds:>9.0f} /s\n")
    sys.stdout.flush()


def enter(subjects: list[str]) -> None:
    """Every form of these subjects, their findings looked at before."""
    typed = [
        Typed(saving=saving((subject, *place), text), deed=by("cho", minutes=5))
        for subject in subjects
        for place, text in TEXTS.items()
    ]
    enter_checked(typed, found={}, comment="")


def in_threads(do: Callable[[str], object], subjects: list[str]) -> None:
    """The deed for each subject, eight people at once, each on a connection of its own."""

    def share(number: int) -> None:
        for subject in subjects[number::THREADS]:
            do(subject)
        close_connections()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(share, range(THREADS)))


def each_of(do: Callable[[str], object], subjects: list[str]) -> None:
    """The deed for each subject, one after the other."""
    for subject in subjects:
        do(subject)


def complete(subject: str) -> None:
    """A form that nobody began, completed."""
    text = "ecog_date=2026-03-01 ecog=1"
    complete_form(saving((subject, "ecog", "scr"), text), deed=by("cho", minutes=9))


def draft(subject: str) -> None:
    """A draft of another form, saved."""
    save_form(saving((subject, "ecog", "eot"), "ecog=1"), deed=by("cho", minutes=9))


def read_back() -> None:
    """Verification and readings of the ledger as long as it is now."""
    lines, entries = read_head().number, FormEntry.objects.count()
    timed("lines verified", lines, verify_soundly)
    timed("entries read as they stand", entries, lambda: sum(1 for _ in read_written()))
    timed("lines read for a cut", lines, lambda: sum(1 for _ in read_written(upto=lines)))


def verify_soundly() -> None:
    """Verifies, and fails where something is wrong: a time of a broken trial says nothing."""
    findings = verify_trial().findings
    if findings:
        raise ValueError(str(findings[0]))


def save(subjects: list[str]) -> None:
    """Drafts and completed forms, by one person and by eight at once; each subject once."""
    half = len(subjects) // 2
    alone, together = subjects[:half], subjects[half:]
    for what, do in (("drafts saved", draft), ("forms completed", complete)):
        timed(f"{what}, one person", len(alone), partial(each_of, do, alone))
        many = f"{what}, {THREADS} people"
        timed(many, len(together), partial(in_threads, do, together))


def main() -> None:
    """Fills a trial by halves, and times what people and inspectors do."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    sys.stdout.write(f"{os.cpu_count()} cores, {count} subjects x {len(TEXTS)} forms\n")
    with trial():
        subjects: list[str] = []
        for part in (count // 2, count - count // 2):
            with transaction.atomic():
                subjects = [screen() for _ in range(part)]
            timed("entries entered at once", part * len(TEXTS), partial(enter, subjects))
            read_back()
        complete(subjects.pop())  # what is parsed once is parsed now
        save(subjects[:200])


if __name__ == "__main__":
    main()
