"""The tables that the ledger replays to: their names, keys and columns as lines write them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from django.db import models

from equipoise.store.ledger import instant
from equipoise.store.models import (
    Account,
    Allocation,
    Approval,
    Deviation,
    FormEntry,
    Grant,
    ProtocolVersion,
    Query,
    SealedSeed,
    Signature,
    Site,
    Subject,
    Vault,
    Verification,
)

Plain = str | int | bool | None | list[Any] | dict[str, Any]
ITEMS = "items."  # a column of a form entry: one an item


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the present state: which fields name a row, and which the ledger never sees."""

    model: type[models.Model]
    key: tuple[str, ...]
    apart: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the table, in the database and in the ledger."""
        return self.model._meta.db_table

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields that the ledger tells, without the key."""
        hidden = {*self.key, *self.apart}
        return tuple(
            field.name
            for field in self.model._meta.concrete_fields
            if field.name not in hidden and not isinstance(field, models.BigAutoField)
        )


TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        Table(model=ProtocolVersion, key=("fingerprint",)),
        Table(model=Site, key=("code",)),
        Table(model=Approval, key=("site", "protocol")),
        Table(model=Account, key=("username",), apart=("password",)),
        Table(model=Grant, key=("account", "role", "site")),
        Table(model=Subject, key=("number",)),
        Table(model=Vault, key=("subject",), apart=("name", "hospital_number", "salt")),
        Table(model=FormEntry, key=("subject", "form", "key")),
        Table(model=SealedSeed, key=("commitment",), apart=("sealed",)),
        Table(model=Allocation, key=("subject",)),
        Table(model=Query, key=("number",)),
        Table(model=Verification, key=("subject", "form", "key")),
        Table(model=Signature, key=("number",)),
        Table(model=Deviation, key=("number",)),
    )
}


def plain(value: Any) -> Plain:
    """A value as the ledger writes it: instants in UTC, dates in ISO 8601."""
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return value  # type: ignore[no-any-return]  # text, number, truth or JSON already


def find_row(table: Table, *, key: tuple[str, ...]) -> models.Model | None:
    """The row of that key; empty text in a key that refers to nothing is null."""
    named = {
        name: _parse(table, name=name, value=text)
        for name, text in zip(table.key, key, strict=True)
    }
    return table.model._default_manager.filter(**named).first()


def _parse(table: Table, *, name: str, value: Plain) -> Any:
    """The value as the model holds it; a key of nothing ("") of a nullable field is null."""
    field = table.model._meta.get_field(name)
    if value == "" and field.null:
        return None
    return field.to_python(value)  # type: ignore[union-attr]


def row_values(table: Table, *, row: models.Model) -> dict[str, Plain]:
    """The columns of a row as the ledger tells them, items of an entry one by one; no nulls."""
    told: dict[str, Plain] = {}
    for name, attribute in _attributes(table):
        value = getattr(row, attribute)
        if table.model is FormEntry and name == "values":
            told |= {f"{ITEMS}{item}": text for item, text in value.items()}
        elif value is not None:
            told[name] = plain(value)
    return told


@cache  # asked for each row of a trial, and the tables never change
def _attributes(table: Table) -> tuple[tuple[str, str], ...]:
    return tuple((name, _attribute(table, name)) for name in table.columns)


def _stored(table: Table, *, row: models.Model, name: str) -> Any:
    return getattr(row, table.model._meta.get_field(name).attname)  # type: ignore[union-attr]


def row_key(table: Table, *, row: models.Model) -> tuple[str, ...]:
    """The key of a row as the ledger tells it."""
    values = (_stored(table, row=row, name=name) for name in table.key)
    return tuple("" if value is None else str(value) for value in values)


def write_row(
    table: Table,
    *,
    row: models.Model | None,
    key: tuple[str, ...],
    values: Mapping[str, Plain],
    apart: Mapping[str, str],
) -> dict[str, Plain]:
    """Writes the values of a row, which is made when there is none; tells the row as it stands."""
    if row is None:
        made = build_row(table, key=key, values=values, apart=apart)
        made.save(force_insert=True)
        return row_values(table, row=made)
    fields = _fields(table, row=row, values=values) | dict(apart)
    table.model._default_manager.filter(pk=row.pk).update(**fields)
    for name, value in fields.items():
        setattr(row, name, value)
    return row_values(table, row=row)


def build_row(
    table: Table, *, key: tuple[str, ...], values: Mapping[str, Plain], apart: Mapping[str, str]
) -> models.Model:
    """A row that is not in the database yet."""
    named = {
        _attribute(table, name): _parse(table, name=name, value=text)
        for name, text in zip(table.key, key, strict=True)
    }
    return table.model(**_fields(table, row=None, values=values), **apart, **named)


def _fields(
    table: Table, *, row: models.Model | None, values: Mapping[str, Plain]
) -> dict[str, Any]:
    return {
        _attribute(table, name): _parse(table, name=name, value=value)
        for name, value in _gather_items(row, values).items()
    }


def _attribute(table: Table, name: str) -> str:
    return table.model._meta.get_field(name).attname  # type: ignore[union-attr]


def _gather_items(row: models.Model | None, values: Mapping[str, Plain]) -> dict[str, Any]:
    """The values by field: items of an entry put into the JSON that holds them all."""
    items = {name.removeprefix(ITEMS): v for name, v in values.items() if name.startswith(ITEMS)}
    fields: dict[str, Any] = {n: v for n, v in values.items() if not n.startswith(ITEMS)}
    if items:
        before = row.values if isinstance(row, FormEntry) else {}
        fields["values"] = {n: v for n, v in {**before, **items}.items() if v is not None}
    return fields


def stored_rows(table: Table) -> Iterator[models.Model]:
    """Every row of the table, a few thousand at a time."""
    return table.model._default_manager.order_by("pk").iterator(chunk_size=2000)
