"""Edit checks: the rules of the forms and of the whole trial over typed entries."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.frames import SUBJECT_KEY, Frames
from equipoise.capture.reach import evaluate_rules
from equipoise.protocol.form_model import EditCheck, Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import items_of
from equipoise.vocab.finding import Finding, Severity


def check_frames(
    frames: Frames, protocol: Protocol, *, as_of_date: date | None = None
) -> tuple[Finding, ...]:
    """Every finding of every edit check, form by form, entry by entry.

    A check fires where its rule is true, not where it is unknown. `as_of_date` is today; without
    it, checks that ask for today stay unknown.
    """
    completed = complete(frames, protocol)
    found: list[Finding] = []
    for form in protocol.form:
        found += _check_twice(completed[form.form], form)
        found += _check_rules(completed, protocol, form, as_of_date)
        found += _check_branching(completed, protocol, form)
    return tuple(found)


def _check_rules(
    frames: Frames, protocol: Protocol, form: Form, as_of_date: date | None
) -> Iterator[Finding]:
    if not form.check or frames[form.form].is_empty():
        return
    rules = {check.id: check.refuse_when for check in form.check}
    values = evaluate_rules(frames, protocol, form=form, rules=rules, as_of_date=as_of_date)
    for check in form.check:
        for row in frames[form.form].filter(values[check.id]).iter_rows(named=True):
            yield Finding(
                where=_where(form, row["entry"], check.item),
                code=check.id,
                message=check.message,
                severity=Severity(check.severity.value),
                found=_found(check, row),
                mend="Compare with the source and correct the entry.",
                subject=row["subject"],
                entry=row["entry"],
            )


def _check_branching(frames: Frames, protocol: Protocol, form: Form) -> Iterator[Finding]:
    rules = {item.name: item.show_if for item in form.item if item.show_if}
    if not rules or frames[form.form].is_empty():
        return
    shown = evaluate_rules(frames, protocol, form=form, rules=rules)
    for name, rule in rules.items():
        answered = frames[form.form].filter(~shown[name] & pl.col(name).is_not_null())
        for row in answered.iter_rows(named=True):
            yield Finding(
                where=_where(form, row["entry"], name),
                code="not-applicable-answered",
                message=f"'{name}' is answered though it does not apply here ({rule}).",
                severity=Severity.SOFT,
                found=str(row[name]),
                mend="Remove the answer, or correct the item that it hangs on.",
                subject=row["subject"],
                entry=row["entry"],
            )


def _check_twice(frame: pl.DataFrame, form: Form) -> Iterator[Finding]:
    twice = frame.filter(pl.struct(*SUBJECT_KEY, "entry").is_duplicated())
    repeats = twice.filter(~pl.struct(*SUBJECT_KEY, "entry").is_first_distinct())
    for row in repeats.iter_rows(named=True):
        yield Finding(
            where=_where(form, row["entry"], ""),
            code="duplicate-key",
            message=f"This {form.title.lower()} entry stands more than once for the subject.",
            mend="Keep one of them.",
            subject=row["subject"],
            entry=row["entry"],
        )


def _where(form: Form, entry: str, item: str) -> str:
    return f"{form.form} {entry}: {item}" if item else f"{form.form} {entry}"


def _found(check: EditCheck, row: dict[str, object]) -> str:
    names = sorted(name for name in items_of(check.refuse_when) if name in row)
    return ", ".join(f"{name} = {row[name]}" for name in names if row[name] is not None)
