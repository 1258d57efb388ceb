"""One entry while it is typed: what is wrong with it, which items are asked, what is derived.

The rules are those of a whole trial (`edit_checks`), held to what the rules of one form can reach.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from equipoise.capture.derived_items import complete_some, order_derived
from equipoise.capture.edit_checks import check_form
from equipoise.capture.entry import Value
from equipoise.capture.frames import Frames, empty_frame
from equipoise.capture.reach import evaluate_rules
from equipoise.capture.validate import Validated, validate_one
from equipoise.protocol.check_forms import derived_needs
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import items_of
from equipoise.vocab.finding import Finding, Severity

Place = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What the rules of a form can see: the forms to read, and what to derive, in order."""

    form: Form
    protocol: Protocol
    forms: frozenset[str]
    derived: tuple[Place, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedEntry:
    """What the rules say of an entry: every finding, the items that are asked, derived values."""

    findings: tuple[Finding, ...]
    asked: frozenset[str]
    derived: Mapping[str, Value]


def find_reach(form: Form, protocol: Protocol) -> Reach:
    """What the rules of the form can see; the same for every entry, so keep it."""
    needs = derived_needs(protocol)
    rules = [i.show_if for i in form.item] + [c.refuse_when for c in form.check]
    wanted = {_place_of(name, form) for rule in rules for name in items_of(rule)}
    wanted |= {(form.form, item.name) for item in form.derived_items}
    seen: set[Place] = set()
    while fresh := wanted - seen:
        seen |= fresh
        wanted = {read for place in fresh for read in needs.get(place, ())}
    names = {each.form for each in protocol.form}
    return Reach(
        form=form,
        protocol=protocol,
        forms=frozenset({form.form, *(other for other, _ in seen)} & names),
        derived=tuple(place for place in order_derived(protocol) if place in seen),
    )


def check_entry(
    reach: Reach, *, raw: Mapping[str, str], others: Frames, as_of_date: date | None = None
) -> CheckedEntry:
    """What the rules say of an entry whose items are texts (`subject` among them).

    `others` holds the other entries of the subject, of the forms within reach. Beside a cell that
    is refused the others are checked as if it were empty; an entry without a sound key is held
    against no rule, and only items without a branching rule are asked.
    """
    form, protocol = reach.form, reach.protocol
    read = validate_one(form, raw=raw, protocol=protocol)
    frame = _without_refused(reach, read, raw)
    told = {(f.code, f.item): f for f in read.findings}
    asked = {item.name for item in form.item if not item.show_if}
    if frame.is_empty():
        return CheckedEntry(findings=read.findings, asked=frozenset(asked), derived={})
    frames = complete_some(_beside(reach, frame, others), protocol, places=reach.derived)
    frames[form.form] = own = frames[form.form].tail(
        1
    )  # what stands beside it is checked by itself
    for finding in check_form(frames, protocol, form=form, as_of_date=as_of_date):
        told.setdefault((finding.code, finding.item), finding)
    asked |= set(_shown(frames, reach))
    return CheckedEntry(
        findings=tuple(told.values()),
        asked=frozenset(asked),
        derived=_derived(own.row(0, named=True), form),
    )


def _place_of(name: str, form: Form) -> Place:
    other, separator, item = name.partition("__")
    return (other, item) if separator else (form.form, name)


def _without_refused(reach: Reach, read: Validated, raw: Mapping[str, str]) -> pl.DataFrame:
    """The entry as a frame, its refused cells empty."""
    refused = {f.item for f in read.findings if f.severity is Severity.HARD}
    if not refused:
        return read.frame
    sound = {name: "" if name in refused else text for name, text in raw.items()}
    return validate_one(reach.form, raw=sound, protocol=reach.protocol).frame


def _beside(reach: Reach, frame: pl.DataFrame, others: Frames) -> dict[str, pl.DataFrame]:
    """The frames within reach, with this entry last, in place of the one that stood there."""
    (entry,) = frame["entry"]
    frames = {
        name: others[name] if name in others else empty_frame(reach.protocol.form_named(name))
        for name in reach.forms
    }
    own = frames[reach.form.form]
    if not own.is_empty():
        frame = pl.concat([own.filter(pl.col("entry") != entry), frame])
    return frames | {reach.form.form: frame}


def _shown(frames: Frames, reach: Reach) -> Iterator[str]:
    rules = {item.name: item.show_if for item in reach.form.item if item.show_if}
    if rules:
        shown = evaluate_rules(frames, reach.protocol, form=reach.form, rules=rules)
        yield from (name for name, is_true in shown.row(0, named=True).items() if is_true)


def _derived(row: Mapping[str, Any], form: Form) -> dict[str, Value]:
    names = (item.name for item in form.derived_items)
    return {name: row[name] for name in names if row[name] is not None}
