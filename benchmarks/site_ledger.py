"""A long ledger: verified and read at 10^5, 3 x 10^5 and 10^6 lines; seconds should grow as lines.

    python benchmarks/site_ledger.py [lines ...]

1,000 subjects x 40 forms are entered through the gate; the rest are changes of these entries, each
line built by the gate as a save builds it, and written many at once. The ledger is verified clean.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from site_fill import close_connections, fill, settings, start_server  # sets Django up

from django.db import connection, transaction  # isort: skip

from equipoise.capture.roles import Verb
from equipoise.protocol.parse import shipped_protocol
from equipoise.store.deed import Decision, Deed, Place, Put
from equipoise.store.gate import Request, build_line
from equipoise.store.ledger import Head, Line, append_all, read_head, take_trial_lock
from equipoise.store.models import FormEntry
from equipoise.store.read_entries import read_entries, read_frames, read_written
from equipoise.store.verify import verify_trial
from equipoise.web.addresses import read_database_url

SIZES = (100_000, 300_000, 1_000_000)
UNKNOWN = "@unknown"


@dataclass(slots=True, kw_only=True)
class Changing:
    """An entry whose one item becomes unknown and known again."""

    key: tuple[str, str, str]
    item: str
    known: str
    version: int
    protocol: str
    is_unknown: bool = False

    def change(self) -> dict[str, Any]:
        """The next change, as the ledger tells it."""
        texts = (self.known, UNKNOWN)
        told = {
            f"items.{self.item}": [texts[self.is_unknown], texts[not self.is_unknown]],
            "version": [self.version, self.version + 1],
        }
        self.is_unknown, self.version = not self.is_unknown, self.version + 1
        return told


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


def lengthen(entries: list[Changing], *, to: int) -> None:
    """The ledger brought to so many lines, and the entries to what it says."""
    with transaction.atomic():
        take_trial_lock()
        append_all(_lines(entries, read_head(), to))
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE form_entry SET version = %s, "
                "values = jsonb_set(values, ARRAY[%s], to_jsonb(%s::text)) "
                "WHERE subject = %s AND form = %s AND key = %s",
                [
                    (e.version, e.item, UNKNOWN if e.is_unknown else e.known, *e.key)
                    for e in entries
                ],
            )


def _lines(entries: list[Changing], head: Head, to: int) -> Iterator[Line]:
    for number in range(head.number, to):
        entry = entries[number % len(entries)]
        subject, form, key = entry.key
        site = subject.partition("-")[0]
        told = entry.change()
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
            write=lambda _, change=change: change,  # type: ignore[misc]
        )
        head = Head(number=line.number, digest=line.digest, at=line.at)
        yield line


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


def main() -> None:
    """Lengthens a ledger step by step, and times what an inspector and a data cut do."""
    sizes = [int(word) for word in sys.argv[1:]] or SIZES
    protocol = shipped_protocol()
    with tempfile.TemporaryDirectory() as made:
        fill(Path(made), subjects=1000, forms=40, people=1)
        with start_server(Path(made)) as server:
            settings.DATABASES["default"].update(read_database_url(server.application_url))
            settings.DATABASES["owner"].update(read_database_url(server.owner_url))
            entries = read_changing()
            for size in sizes:
                timed("written by the gate's lines", size, lambda n=size: lengthen(entries, to=n))
                timed("verified", size, verify_soundly)
                timed(
                    "read for a cut at this line", size, lambda n=size: list(read_written(upto=n))
                )
                timed("frames of a cut", size, lambda n=size: read_frames(protocol, upto=n))
                timed("entries as they stand", size, lambda: sum(1 for _ in read_entries(protocol)))
            close_connections()


if __name__ == "__main__":
    main()
