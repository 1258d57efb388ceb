"""Edit checks: the rules of the forms and of the whole trial over typed entries."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from equipoise.capture.branching import tell_hidden
from equipoise.capture.codes import Code
from equipoise.capture.derived_items import complete
from equipoise.capture.eligibility import check_eligibility
from equipoise.capture.frames import SUBJECT_KEY, Frames
from equipoise.capture.reach import evaluate_rules, judge_rules
from equipoise.capture.repeats import list_repeats
from equipoise.capture.value_checks import Complaint, check_grades, check_values
from equipoise.protocol.form_model import EditCheck, Form
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import items_of
from equipoise.protocol.scope import codes_of
from equipoise.vocab.finding import Finding, Severity

ROSTER = "dm"  # D7.2: the form by which a subject enters the trial


def check_frames(
    frames: Frames, protocol: Protocol, *, as_of_date: date | None = None
) -> list[Finding]:
    """Every finding of every check, form by form, entry by entry, then of the whole trial.

    A check fires where its rule is true, not where it is unknown. `as_of_date` is today; without
    it, checks that ask for today stay unknown. What validation refuses is found here too, in
    entries that came another way; what validation asks about is told there only.
    """
    completed = complete(frames, protocol)
    found: list[Finding] = []
    for form in protocol.form:
        found += check_form(completed, protocol, form=form, as_of_date=as_of_date)
    found += _check_subjects(frames, protocol)
    return [*found, *_check_criteria(completed, protocol, as_of_date)]


def check_form(
    completed: Frames, protocol: Protocol, *, form: Form, as_of_date: date | None = None
) -> Iterator[Finding]:
    """The findings of one form; `completed` holds the derived items that its rules need."""
    if completed[form.form].is_empty():
        return
    yield from _check_twice(completed[form.form], form, protocol)
    yield from _check_values(completed[form.form], form, protocol)
    yield from _check_rules(completed, protocol, form, as_of_date)
    yield from _check_branching(completed, protocol, form)


def _check_rules(
    frames: Frames, protocol: Protocol, form: Form, as_of_date: date | None
) -> Iterator[Finding]:
    rules = {check.id: check.refuse_when for check in form.check}
    if not rules:
        return
    judged = judge_rules(frames, protocol, form=form, rules=rules, as_of_date=as_of_date)
    for check in form.check:
        refused = judged.values[check.id]
        if not refused.any():
            continue
        for row in judged.reached.filter(refused).iter_rows(named=True):
            yield Finding(
                where=_where(form, row["entry"], check.item),
                code=check.id,
                message=check.message,
                severity=Severity(check.severity.value),
                found=_found(check, row),
                mend="Compare with the source and correct the entry.",
                subject=row["subject"],
                entry=row["entry"],
                item=check.item,
            )


def _check_branching(frames: Frames, protocol: Protocol, form: Form) -> Iterator[Finding]:
    rules = {item.name: item.show_if for item in form.item if item.show_if}
    if rules:
        shown = evaluate_rules(frames, protocol, form=form, rules=rules)
        yield from tell_hidden(frames[form.form], shown=shown, form=form)


def _check_values(frame: pl.DataFrame, form: Form, protocol: Protocol) -> Iterator[Finding]:
    """What validation would refuse, and derived values outside their ranges."""
    derived = {item.name for item in form.derived_items}
    for item in form.item:
        values = frame[item.name]
        complaints = [
            *check_values(values, item=item, codes=codes_of(item, code_lists=protocol.code_list)),
            *(
                check_grades(values, terms=frame[item.graded_by], item=item)
                if item.graded_by
                else ()
            ),
        ]
        for complaint in complaints:
            if not complaint.soft or item.name in derived:
                yield _tell(frame, form, complaint)


def _tell(frame: pl.DataFrame, form: Form, complaint: Complaint) -> Finding:
    entry = frame["entry"][complaint.row]
    return Finding(
        where=_where(form, entry, complaint.item),
        code=complaint.code.value,
        message=f"{complaint.message}.",
        severity=Severity.SOFT if complaint.soft else Severity.HARD,
        found=complaint.found,
        mend=complaint.mend,
        subject=frame["subject"][complaint.row],
        entry=entry,
        item=complaint.item,
    )


def _check_twice(frame: pl.DataFrame, form: Form, protocol: Protocol) -> Iterator[Finding]:
    randomises = form.form == protocol.randomisation.form
    items = [item.name for item in form.entered_items]
    for row, words in list_repeats(frame, key=(*SUBJECT_KEY, "entry"), items=items):
        yield Finding(
            where=_where(form, row["entry"], ""),
            code=(Code.RANDOMISED_TWICE if randomises else Code.DUPLICATE_KEY).value,
            message="this entry stands more than once.",
            found=f"{', '.join(str(row[name]) for name in ('subject', *form.key))}: {words}",
            mend="Keep one of them.",
            subject=row["subject"],
            entry=row["entry"],
        )


def _check_subjects(frames: Frames, protocol: Protocol) -> Iterator[Finding]:
    """A finding for each entry of a subject whom nobody entered."""
    if ROSTER not in frames:
        return
    for form in protocol.form:
        strangers = frames[form.form].join(
            frames[ROSTER], on=SUBJECT_KEY, how="anti", maintain_order="left"
        )
        for row in strangers.iter_rows(named=True):
            yield Finding(
                where=_where(form, row["entry"], ""),
                code=Code.UNKNOWN_SUBJECT.value,
                message=f"the subject has no entry in the form '{ROSTER}'.",
                found=row["subject"],
                mend="Enter the subject, or correct its number.",
                subject=row["subject"],
                entry=row["entry"],
            )


def _check_criteria(
    frames: Frames, protocol: Protocol, as_of_date: date | None
) -> Iterator[Finding]:
    """A question for each criterion that a randomised subject does not meet."""
    form = protocol.form_named(protocol.randomisation.form)
    texts = {criterion.id: criterion.text for criterion in protocol.criterion}
    unmet = check_eligibility(frames, protocol, as_of_date=as_of_date).filter(~pl.col("met"))
    for row in unmet.iter_rows(named=True):
        entry = f"{row['subject']}/{form.form}"
        yield Finding(
            where=_where(form, entry, ""),
            code=Code.CRITERION_NOT_MET.value,
            message=f"randomised, though criterion {row['criterion']} is not met.",
            severity=Severity.SOFT,
            found=f"{row['criterion']}: {texts[row['criterion']]}",
            mend="Compare with the source; a true one stays and is told in the report.",
            subject=row["subject"],
            entry=entry,
            item=row["criterion"],
        )


def _where(form: Form, entry: str, item: str) -> str:
    return f"{form.form} {entry}: {item}" if item else f"{form.form} {entry}"


def _found(check: EditCheck, row: dict[str, object]) -> str:
    names = sorted(name for name in items_of(check.refuse_when) if name in row)
    return ", ".join(f"{name} = {row[name]}" for name in names if row[name] is not None)
