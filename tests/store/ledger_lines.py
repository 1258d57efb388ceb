"""Lines of a ledger made by hand: bound to each other as the store binds them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from equipoise.store.ledger import GENESIS, Line, canonical, digest_of

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PLAIN = Line(
    number=1,
    at=AT,
    actor="cho",
    role="coordinator",
    site="01",
    verb="save_form",
    subject="01-001",
    request_id=None,
    reason="",
    content='{"changes":[]}',
    protocol="f" * 64,
    previous=GENESIS,
    digest="",
)


def change(table: str, *key: str, **values: tuple[Any, Any]) -> dict[str, Any]:
    """A change as a line writes it: `items__sex` is the item `sex`."""
    told = {name.replace("items__", "items."): list(pair) for name, pair in values.items()}
    return {"table": table, "key": list(key), "values": told}


def line_with(*changes: dict[str, Any], **fields: Any) -> Line:
    """A line that tells these changes."""
    return replace(PLAIN, content=canonical({"changes": changes}), **fields)


def bind(lines: Iterable[Line]) -> list[Line]:
    """The lines numbered, a minute apart, and each bound to the one before."""
    bound: list[Line] = []
    before = GENESIS
    for number, line in enumerate(lines, start=1):
        at = AT + timedelta(minutes=number)
        made = replace(line, number=number, at=at, previous=before, digest="")
        bound.append(replace(made, digest=digest_of(made)))
        before = bound[-1].digest
    return bound
