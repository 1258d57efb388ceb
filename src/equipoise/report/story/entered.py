"""The entries that a story rests on, as they were entered."""

from collections.abc import Iterable

from equipoise.protocol.form_model import Form
from equipoise.report.story.material import Material, Row
from equipoise.report.story.values import EntryTold
from equipoise.report.story.words import item_words


def tell_entries(
    material: Material, *, subject: str, wanted: Iterable[str]
) -> tuple[EntryTold, ...]:
    """The wanted entries of a subject with their values, in the order of forms and keys.

    An id that names no entry is left out: a derived row may rest on nothing entered.
    """
    names = frozenset(wanted)
    return tuple(
        _tell(material, form=form, row=row)
        for form in material.protocol.form
        for row in material.entered(form.form, subject=subject)
        if row["entry"] in names
    )


def _tell(material: Material, *, form: Form, row: Row) -> EntryTold:
    protocol = material.protocol
    values = tuple(
        (item.name, item.label, item_words(protocol, form=form, item=item.name, value=value))
        for item in form.entered_items
        if (value := row[item.name]) is not None
    )
    return EntryTold(
        entry=row["entry"],
        form=form.form,
        title=form.title,
        values=values,
        ledger_line=material.ledger_lines.get(row["entry"]),
    )
