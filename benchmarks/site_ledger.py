"""A long ledger: verified and read at 10^5, 3 x 10^5 and 10^6 lines; seconds should grow as lines.

    python benchmarks/site_ledger.py [lines ...]

1,000 subjects x 40 forms are entered through the gate; the rest are changes of these entries, each
line built by the gate as a save builds it, and written many at once. The ledger is verified clean.
"""

import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from site_fill import fill  # sets Django up

from django.conf import settings  # isort: skip
from django.db import connection, transaction  # isort: skip

from equipoise.capture.roles import Verb
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.store.deed import Decision, Deed, Place, Put
from equipoise.store.embedded import start_server
from equipoise.store.gate import Request, build_line
from equipoise.store.ledger import Head, Line, append_all, read_head, take_trial_lock
from equipoise.store.models import FormEntry
from equipoise.store.read_entries import read_entries, read_frames, read_written
from equipoise.store.verify import verify_trial
from equipoise.web.addresses import read_database_url
from store.trial_database import close_connections

SIZES = (100_000, 300_000, 1_000_000)
UNKNOWN = "@unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changing:
    """An entry whose one item becomes unknown and known again, as it was first."""

    key: tuple[str, str, str]
    item: str
    known: str
    version: int
    protocol: str

    def text(self, changes: int) -> str:
        """The item after so many changes."""
        return UNKNOWN if changes % 2 else self.known

    def tell(self, changes: int) -> dict[str, Any]:
        """The next change after so many, as the ledger tells it."""
        return {
            f"items.{self.item}": [self.text(changes), self.text(changes + 1)],
            "version": [self.version + changes, self.version + changes + 1],
        }


def read_changing() -> list[Changing]:
    """Every complete entry that has an item beside its key."""
    found = []
    for row in FormEntry.objects.filter(state="complete").order_by("pk"):
        items = [name for name, text in row.values.items() if text not in row.key.split(".")]
        if items:
            item = min(items)
            found.append(
                Changing(
                    key=(row.subject_id, row.form, row.key),
                    item=item,
                    known=row.values[item],
                    version=row.version,
                    protocol=row.protocol_id,
                )
            )
    return found


def lengthen(entries: list[Changing], done: Counter[int], *, to: int) -> None:
    """The ledger brought to so many lines, and the entries to what it says."""
    with transaction.atomic():
        take_trial_lock()
        append_all(_lines(entries, done, head=read_head(), to=to))
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE form_entry SET version = %s, "
                "values = jsonb_set(values, ARRAY[%s], to_jsonb(%s::text)) "
                "WHERE subject = %s AND form = %s AND key = %s",
                [(e.version + done[n], e.item, e.text(done[n]), *e.key)
                 for n, e in enumerate(entries)],
            )  # fmt: skip


def _lines(entries: list[Changing], done: Counter[int], *, head: Head, to: int) -> Iterator[Line]:
    for number in range(head.number, to):
        place = number % len(entries)
        entry = entries[place]
        subject, form, key = entry.key
        site = subject.partition("-")[0]
        told = entry.tell(done[place])
        done[place] += 1
        deed = Deed(actor=f"coordinator-{site}", at=datetime.now(UTC), reason="the source says so")
        request = Request(
            verb=Verb.CHANGE_FORM,
            deed=deed,
            place=Place(subject=subject, form=form),
            asked={"entry": f"{subject}/{form}/{key}", "values": {entry.item: told}},
        )
        change = {"table": "form_entry", "key": list(entry.key), "values": told}
        put = Put(table="form_entry", key=entry.key, values={})
        line = build_line(
            request,
            decision=Decision(puts=(put,), protocol=entry.protocol),
            head=head,
            standing=(site, "coordinator"),
            write=partial(_told, change),
        )
        head = Head(number=line.number, digest=line.digest, at=line.at)
        yield line


def _told(change: dict[str, Any], _: Put) -> dict[str, Any]:
    return change


def timed(what: str, lines: int, do: Callable[[], object]) -> None:
    """Prints how long it takes, by the clock and of one processor, for each line."""
    begun, busy = time.perf_counter(), time.process_time()
    do()
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(
        f"{what:<30}{lines:>9} lines{seconds:>8.1f} s{1e6 * seconds / lines:>7.1f} us a line, "
        f"of these {1e6 * busy / lines:.1f} in Python; peak so far {most} MiB\n"
    )
    sys.stdout.flush()


def verify_soundly() -> None:
    """Verifies, and fails where something is wrong: a time of a broken trial says nothing."""
    findings = verify_trial().findings
    if findings:
        raise ValueError(str(findings[0]))


def count_written(upto: int) -> int:
    """How many entries stood at the line."""
    return sum(1 for _ in read_written(upto=upto))


def count_entries(protocol: Protocol) -> int:
    """How many entries stand now, each typed."""
    return sum(1 for _ in read_entries(protocol))


def main() -> None:
    """Lengthens a ledger step by step, and times what an inspector and a data cut do."""
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    protocol = shipped_protocol()
    with tempfile.TemporaryDirectory() as made:
        fill(Path(made), subjects=1000, forms=40, people=1)
        with start_server(Path(made)) as server:
            settings.DATABASES["default"].update(read_database_url(server.application_url))
            settings.DATABASES["owner"].update(read_database_url(server.owner_url))
            entries, done = read_changing(), Counter[int]()
            for size in sizes:
                timed("written", size, partial(lengthen, entries, done, to=size))
                timed("verified", size, verify_soundly)
                timed("read for a cut at this line", size, partial(count_written, size))
                timed("frames of a cut", size, partial(read_frames, protocol, upto=size))
                timed("entries as they stand", size, partial(count_entries, protocol))
            close_connections()


if __name__ == "__main__":
    main()
