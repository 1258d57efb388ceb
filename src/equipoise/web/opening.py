"""What must hold before the site comes up: tables, a closed ledger, the key, and its kind.

`python -m equipoise.web.opening` does it as the owner, in a process of its own, so that the site
itself never holds the owner's address.
"""

import sys

import django
from django.apps import apps
from django.conf import settings
from django.db import connections

from equipoise.randomise.sealed_seed import (
    KeyRefusedError,
    SealRefusedError,
    commitment_of,
    open_seed,
)
from equipoise.web.schema import SchemaRefusedError, prepare_schema

if not apps.ready:
    django.setup()  # before models can be imported

from equipoise.store.ledger import read_head
from equipoise.store.models import SealedSeed
from equipoise.store.read_rehearsed import read_rehearsed


class OpeningRefusedError(Exception):
    """The site does not come up; the message says what to do."""


def require_kind(*, demo: bool) -> None:
    """Opens a rehearsal as a demonstration and a trial as a trial, neither as the other.

    The passwords of a demonstration are known to everybody. Nothing at all may become either.
    """
    rehearsed = read_rehearsed()
    if demo and rehearsed is None and read_head().number:
        raise OpeningRefusedError(
            "This is the folder of a trial: --demo never opens it. Start it without --demo, or "
            "name another folder for the demonstration (--data)."
        )
    if rehearsed is not None and not demo:
        raise OpeningRefusedError(
            "This is a demonstration, whose passwords everybody knows. Start it with --demo, or "
            "name another folder for a trial (--data)."
        )


def require_two_roles() -> None:
    """The site runs under another role than the owner of the tables; asked before they are made."""
    if _ask("SELECT current_user") == _ask("SELECT current_user", alias="owner"):
        raise OpeningRefusedError(_TWO_ROLES)


def require_closed_ledger() -> None:
    """The role of the site may not rewrite the ledger, nor become who may."""
    may_change = """
        SELECT has_any_column_privilege(oid, 'UPDATE')
            OR has_table_privilege(oid, 'DELETE, TRUNCATE') OR pg_has_role(relowner, 'MEMBER')
        FROM pg_class WHERE oid = 'ledger_line'::regclass
    """
    if _ask(may_change):
        raise OpeningRefusedError(_TWO_ROLES)


def _ask(question: str, *, alias: str = "default") -> object:
    with connections[alias].cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchone()[0]


_TWO_ROLES = (
    "The role of DATABASE_URL could rewrite the ledger: the site runs only under one that may add "
    "to it. Make two roles, as docs/how-to/run-the-site.md shows, and name the owner of the tables "
    "in EQUIPOISE_OWNER_URL, the other in DATABASE_URL. A trial that was kept under one role: "
    "make a backup, and restore it into a new database of the two."
)


def require_key() -> None:
    """A key that was given opens the sequence that the ledger is bound to."""
    row = SealedSeed.objects.first()
    if row is None or not settings.RANDOMISATION_KEY:
        return
    try:
        seed = open_seed(row.sealed, key=settings.RANDOMISATION_KEY)
    except KeyRefusedError as refused:
        raise OpeningRefusedError(
            f"The key of the randomisation is not that of this trial: {refused}. Or start without "
            "a key: then all goes on but that nobody is randomised."
        ) from refused
    except SealRefusedError as refused:
        raise OpeningRefusedError(f"Nobody could be randomised: {refused}.") from refused
    if commitment_of(seed) != row.commitment:
        raise OpeningRefusedError(
            "The sealed seed is not the one that the ledger was bound to before the first subject: "
            "somebody changed the database. Restore it from a backup."
        )


def main(words: list[str]) -> int:
    """Prepares the site; prints a refusal and answers 1."""
    try:
        require_two_roles()
        prepare_schema(upgrade="--upgrade" in words)
        require_closed_ledger()
        require_kind(demo="--demo" in words)
        require_key()
    except (SchemaRefusedError, OpeningRefusedError) as refusal:
        sys.stderr.write(f"{refusal}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
