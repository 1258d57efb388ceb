"""A question about entries: its words, and the rows that raise it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, Datasets
from equipoise.protocol.model import Protocol
from equipoise.vocab.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a question may look at: complete forms, what they derive to, and the protocol.

    Every form and item that derivation reads is there, if only empty (`expected_forms`).
    """

    forms: Frames
    datasets: Datasets
    protocol: Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question: its code, the item it asks about, the words, what to do, and who is asked.

    `find` gives the rows that raise it, as `tell_rows` makes them; it looks at whole frames and
    never at one row after the other.
    """

    code: str
    item: str
    message: str
    mend: str
    find: Callable[[Evidence], pl.DataFrame]


def tell_rows(frame: pl.DataFrame, *, found: pl.Expr) -> pl.DataFrame:
    """The rows of a frame as a question wants them: key, entry, and what was found as text."""
    return frame.select(*KEY, "entry", found=found.cast(pl.String).fill_null(""))


def ask(check: Check, *, given: Evidence) -> Iterator[Finding]:
    """The soft findings of one question, in the order of the entries."""
    rows = check.find(given).unique(["replicate", "entry", "found"])
    for row in rows.sort("replicate", "entry", "found").iter_rows(named=True):
        form = row["entry"].split("/")[1]
        yield Finding(
            where=f"{form} {row['entry']}: {check.item}",
            code=check.code,
            message=check.message,
            severity=Severity.SOFT,
            found=row["found"],
            mend=check.mend,
            subject=row["subject"],
            entry=row["entry"],
            item=check.item,
        )
