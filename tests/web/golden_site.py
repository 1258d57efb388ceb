"""The twelve hand-written subjects (`tests/golden/subjects`) as a site would have typed them."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from equipoise.capture.lifecycle import FormState
from equipoise.protocol.parse import shipped_protocol
from equipoise.store.models import Allocation, FormEntry, ProtocolVersion, Subject

FOLDER = Path(__file__).parent.parent / "golden" / "subjects"
AT = datetime(2025, 12, 1, tzinfo=UTC)


def rows_of(form: str) -> Iterator[dict[str, str]]:
    """The rows of a file, without its empty cells."""
    file = FOLDER / f"{form}.csv"
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                yield {name: text for name, text in row.items() if text}


def fill_site(*only: str) -> None:
    """The subjects named, or all of them, at site 01, with their entries complete and their arms.

    Written straight into the tables: what actions do is tested elsewhere, and here it is many rows.
    """
    protocol = shipped_protocol()
    version = ProtocolVersion.objects.get()
    wanted = {row["subject"] for row in rows_of("dm")}
    wanted = set(only) or wanted
    Subject.objects.bulk_create(
        Subject(number=number, site_id="01", screened_date=AT.date()) for number in sorted(wanted)
    )
    FormEntry.objects.bulk_create(
        FormEntry(
            subject_id=row["subject"],
            form=form.form,
            key=".".join(row[name] for name in form.key),
            values={name: text for name, text in row.items() if name != "subject"},
            version=1,
            state=FormState.COMPLETE,
            protocol=version,
        )
        for form in protocol.form
        for row in rows_of(form.form)
        if row["subject"] in wanted
    )
    Allocation.objects.bulk_create(
        Allocation(
            subject_id=row["subject"],
            number=number,
            arm=row["arm"],
            stratum=[],
            true_stratum=[],
            at=AT,
            protocol=version,
        )
        for number, row in enumerate(rows_of("allocations"), start=1)
        if row["subject"] in wanted
    )
