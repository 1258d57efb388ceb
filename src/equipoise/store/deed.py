"""What a deed is made of: who asks, what is decided, and what comes back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from equipoise.store.tables import Plain

OPERATOR = "operator"  # whoever holds the server: opens the trial and its first accounts
PROGRAM = "program"  # who asks and records where no person did


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who asks, when by the clock, under which request id, and why.

    A request sent again with the id of one that was done gets the answer of then; without an id
    it is another request.
    """

    actor: str
    at: datetime
    request_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """What a row shall hold: values that the ledger tells, and those kept apart from it."""

    table: str
    key: tuple[str, ...]
    values: Mapping[str, Plain]
    apart: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a deed does: the rows that it writes, what it answers and what it notes beside them.

    `subject` is named where the deed itself makes it.
    """

    puts: tuple[Put, ...] = ()
    answer: Mapping[str, Plain] = field(default_factory=dict)
    note: Mapping[str, Plain] = field(default_factory=dict)
    protocol: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a deed is about: a subject, else a site, else (both empty) the trial; and the form."""

    site: str = ""
    subject: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A deed that stands in the ledger: its line, and its answer."""

    line: int
    digest: str
    answer: Mapping[str, Plain]
