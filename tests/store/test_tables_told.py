"""What the ledger tells of a row, and what it never sees."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import models

from equipoise.store.embedded import Server
from equipoise.store.models import (
    Account,
    Allocation,
    Approval,
    FormEntry,
    Grant,
    Query,
    SealedSeed,
    Site,
    Subject,
    Vault,
)
from equipoise.store.tables import (
    TABLES,
    find_row,
    plain,
    row_key,
    row_values,
    stored_rows,
    write_row,
)

# table | key | columns that the ledger tells, without those of the key
TOLD = """
protocol_version | fingerprint         | number version texts
site             | code                | name country time_zone is_open screened
approval         | site protocol       | from_date
account          | username            | name email is_active passwords_set
role_grant       | account role site   | is_active
subject          | number              | site screened_date
vault            | subject             | digest
form_entry       | subject form key    | values version state confirmations signature protocol
sealed_seed      | commitment          |
allocation       | subject             | number arm stratum true_stratum at protocol
query            | number              | subject form key item code text found severity answer \
state opened_by opened_at closed_by
verification     | subject form key    | by at digest is_valid
signature        | number              | subject meaning signer printed_name at covers about \
digest is_valid
deviation        | number              | subject category severity occurred_date text action code \
gone_date
"""


@pytest.mark.parametrize("text", TOLD.strip().splitlines())
def test_a_table_tells_these_columns_and_no_others(text: str) -> None:
    name, key, columns = (part.strip() for part in text.split("|"))
    table = TABLES[name]
    assert " ".join(table.key) == key
    assert set(table.columns) == set(columns.split())


def test_every_table_of_the_list_is_there() -> None:
    assert list(TABLES) == [text.split()[0] for text in TOLD.strip().splitlines()]


@pytest.mark.parametrize(
    ("table", "secrets"),
    [
        ("account", {"password"}),
        ("vault", {"name", "hospital_number", "salt"}),
        ("sealed_seed", {"sealed"}),
    ],
)
def test_what_is_secret_is_apart_and_in_no_column(table: str, secrets: set[str]) -> None:
    assert set(TABLES[table].apart) == secrets
    assert not secrets & {*TABLES[table].columns, *TABLES[table].key}


@pytest.mark.parametrize(
    ("row", "secret"),
    [
        (Vault(subject_id="01-001", name="Kim Minjun", hospital_number="H-77", salt="pepper",
               digest="d" * 64), ("Kim", "H-77", "pepper")),
        (Account(username="cho", name="Cho", password="argon2$hash"), ("argon2",)),
        (SealedSeed(commitment="c" * 64, sealed="ciphertext"), ("ciphertext",)),
    ],
)  # fmt: skip
def test_a_row_with_a_secret_is_told_without_it(row: models.Model, secret: tuple[str, ...]) -> None:
    table = TABLES[row._meta.db_table]
    said = f"{row_values(table, row=row)} {row_key(table, row=row)}"
    assert not any(word in said for word in secret)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (datetime(2026, 3, 2, 9, 0, tzinfo=UTC), "2026-03-02T09:00:00.000000Z"),
        (datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=9))),
         "2026-03-02T00:00:00.000000Z"),
        (date(2026, 3, 2), "2026-03-02"),
        ("2026-03-02", "2026-03-02"),
        (0, 0),
        (False, False),
        (None, None),
        (["1-3", "N"], ["1-3", "N"]),
    ],
)  # fmt: skip
def test_values_are_told_plainly(value: Any, said: Any) -> None:
    assert plain(value) == said


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (Subject(number="01-001", site_id="01"), ("01-001",)),
        (FormEntry(subject_id="01-001", form="les_fu", key="M3.L01"),
         ("01-001", "les_fu", "M3.L01")),
        (FormEntry(subject_id="01-001", form="dm"), ("01-001", "dm", "")),
        (Grant(account_id="mo", role="monitor"), ("mo", "monitor", "")),
        (Grant(account_id="cho", role="coordinator", site_id="01"), ("cho", "coordinator", "01")),
        (Approval(site_id="01", protocol_id="f" * 64), ("01", "f" * 64)),
        (Query(number=7, subject_id="01-001"), ("7",)),
        (Allocation(subject_id="01-001", number=3), ("01-001",)),
    ],
)  # fmt: skip
def test_a_key_is_told_as_texts_and_nothing_as_an_empty_one(
    row: models.Model, key: tuple[str, ...]
) -> None:
    assert row_key(TABLES[row._meta.db_table], row=row) == key


def test_an_entry_is_told_item_by_item_without_nulls() -> None:
    row = FormEntry(
        subject_id="01-001", form="vs", key="M3", version=2, state="draft", protocol_id="f" * 64,
        values={"weight_kg": "71.2", "note": "", "height_cm": "@not_done"},
    )  # fmt: skip
    assert row_values(TABLES["form_entry"], row=row) == {
        "items.weight_kg": "71.2",
        "items.note": "",
        "items.height_cm": "@not_done",
        "version": 2,
        "state": "draft",
        "confirmations": [],
        "protocol": "f" * 64,
    }


def put(name: str, key: tuple[str, ...], **values: Any) -> dict[str, Any]:
    """Writes a row as the gate does, and tells it."""
    table = TABLES[name]
    items = {n.replace("items__", "items."): value for n, value in values.items()}
    return write_row(table, row=find_row(table, key=key), key=key, values=items, apart={})


def test_what_is_written_is_told_again_and_found_by_its_key(sites: Server) -> None:
    told = put("subject", ("01-001",), site="01", screened_date="2026-03-02")
    assert told == {"site": "01", "screened_date": "2026-03-02"}
    row = find_row(TABLES["subject"], key=("01-001",))
    assert isinstance(row, Subject)
    assert row.screened_date == date(2026, 3, 2)
    assert row_values(TABLES["subject"], row=row) == told
    assert find_row(TABLES["subject"], key=("01-002",)) is None


def test_items_are_put_beside_those_that_are_there_and_null_takes_one_out(sites: Server) -> None:
    put("subject", ("01-001",), site="01", screened_date="2026-03-02")
    version = str(Approval.objects.values_list("protocol", flat=True)[0])
    key = ("01-001", "dm", "")
    first = {"items__sex": "M", "items__birth_year": "1961"}
    put("form_entry", key, version=1, state="draft", protocol=version, **first)
    told = put("form_entry", key, version=2, items__sex=None, items__site="01")
    assert {n: v for n, v in told.items() if n.startswith("items.")} == {
        "items.birth_year": "1961",
        "items.site": "01",
    }
    assert FormEntry.objects.get().values == {"birth_year": "1961", "site": "01"}
    assert (told["version"], told["state"]) == (2, "draft")
    assert put("form_entry", key, state="complete")["items.site"] == "01"


def test_a_grant_without_a_site_is_found_by_an_empty_one(sites: Server) -> None:
    row = find_row(TABLES["role_grant"], key=("mo", "monitor", ""))
    assert isinstance(row, Grant)
    assert row.site_id is None
    assert find_row(TABLES["role_grant"], key=("cho", "coordinator", "")) is None


def test_every_row_that_stands_is_found_by_the_key_that_is_told_of_it(sites: Server) -> None:
    counted = 0
    for table in TABLES.values():
        for row in stored_rows(table):
            assert find_row(table, key=row_key(table, row=row)) == row
            counted += 1
    assert counted > Site.objects.count() + Account.objects.count()
