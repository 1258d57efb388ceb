"""docs/reference/forms.md tells every form of the reference trial as the protocol has it."""

from functools import cache
from pathlib import Path

from equipoise.derive.vital_status import derive_contacts
from equipoise.protocol.form_model import CheckSeverity, Form, Grain, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.rehearsal import rehearse
from equipoise.simulate.setting import Conditions

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "forms.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| `")
]


@cache
def drawn(*, every_form: bool) -> set[str]:
    """The forms of which a rehearsal has entries."""
    made = rehearse(
        shipped_protocol(),
        scenario="S2",
        seed=1,
        replicates=4,
        conditions=Conditions(every_form=every_form),
    )
    return {name for name, frame in made.frames.items() if not frame.is_empty()}


def row_of(form: Form, protocol: Protocol) -> list[str]:
    """The cells of a form on the page."""
    count = dict.fromkeys(CheckSeverity, 0)
    for check in form.check:
        count[check.severity] += 1
    repeated = form.grain is not Grain.SUBJECT or form.form == protocol.randomisation.form
    whole = [item.name for item in form.entered_items if item.type is ItemType.DATE]
    proves = repeated and form.proves_contact and bool(form.date_item)
    proves = proves and any(not name.startswith("planned") for name in whole)
    rehearsed = "every form" if form.form in drawn(every_form=True) else "-"
    return [
        f"`{form.form}`",
        form.title,
        form.grain.value,
        ", ".join(form.key) or "-",
        str(len(form.entered_items)),
        str(len(form.derived_items)),
        f"{count[CheckSeverity.HARD]}, {count[CheckSeverity.SOFT]}",
        "yes" if proves else "-",
        "yes" if form.reveals_arm else "-",
        "always" if form.form in drawn(every_form=False) else rehearsed,
    ]


def test_every_form_stands_on_the_page_as_the_protocol_has_it() -> None:
    protocol = shipped_protocol()
    forms = sorted(protocol.form, key=lambda form: form.form)

    assert [row_of(form, protocol) for form in forms] == ROWS


def test_only_the_forms_that_prove_contact_on_the_page_move_the_last_day_alive() -> None:
    protocol = shipped_protocol()
    every = rehearse(
        protocol, scenario="S2", seed=1, replicates=4, conditions=Conditions(every_form=True)
    ).frames
    silent = {row[0].strip("`") for row in ROWS if row[7] == "-"}
    told = {name: frame.clear() if name in silent else frame for name, frame in every.items()}

    assert derive_contacts(told, protocol).equals(derive_contacts(every, protocol))
