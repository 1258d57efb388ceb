"""A form as fields that a template can draw: what is asked, what is there, what is wrong with it.

Pure: an entry and what the rules say of it go in, plain values come out. Values are texts exactly
as validation reads them; a kind of missing is a text too (`@not_done`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from django.utils.translation import gettext as _

from equipoise.capture.codes import Code
from equipoise.capture.entry import Value
from equipoise.capture.one_entry import CheckedEntry
from equipoise.protocol.form_model import Form, Item, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.scope import codes_of
from equipoise.vocab.ctcae import CODE_LIST
from equipoise.vocab.finding import Finding, Severity
from equipoise.vocab.missing import WRITTEN, Missing
from equipoise.vocab.term_suggestions import suggest_terms

FEW_CODES = 5  # as many are radio buttons
MANY_CODES = 60  # from here on one searches
FOUND_AT_ONCE = 12
_NUMBERS = (ItemType.INTEGER, ItemType.DECIMAL)
_DATES = (ItemType.DATE, ItemType.PARTIAL_DATE)


class Control(StrEnum):
    """How a field is drawn; the value names its template."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    NUMBER = "number"
    DATE = "date"
    RADIO = "radio"
    SELECT = "select"
    SEARCH = "search"
    DERIVED = "derived"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the values that may be chosen; `group` is a class that it belongs to."""

    value: str
    label: str
    is_chosen: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding beside its field; a soft one has a number and may be confirmed with a comment."""

    finding: Finding
    number: int = 0
    comment: str = ""

    @property
    def is_hard(self) -> bool:
        """Whether it must be corrected before the form is complete."""
        return self.finding.severity is Severity.HARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One item as it is drawn. `is_shown` is false for an item that is neither asked nor filled."""

    name: str
    label: str
    control: Control
    text: str = ""
    unit: str = ""
    hint: str = ""
    is_required: bool = False
    is_shown: bool = True
    choices: tuple[Choice, ...] = ()
    kinds: tuple[Choice, ...] = ()
    told: tuple[Told, ...] = ()
    queries: tuple[object, ...] = ()

    @property
    def is_refused(self) -> bool:
        """Whether something hard stands against the value."""
        return any(each.is_hard for each in self.told)

    @property
    def is_label_of_input(self) -> bool:
        """Whether its label belongs to one input; not so for a group, and for what is not typed."""
        return self.control not in (Control.RADIO, Control.DERIVED, Control.FIXED)

    @property
    def is_answered(self) -> bool:
        """Whether one of the choices or kinds of missing is chosen."""
        return any(choice.is_chosen for choice in (*self.choices, *self.kinds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """An entry to be drawn: its texts, what the rules say, what is confirmed, and its queries.

    `comments` holds the comments of confirmations by (code, item); `kinds` a kind of missing that
    was chosen beside a text; `tells_missing` says whether
    required items that are empty are told too, which is noise while one types.
    """

    form: Form
    protocol: Protocol
    texts: Mapping[str, str]
    checked: CheckedEntry
    comments: Mapping[tuple[str, str], str] = field(default_factory=dict)
    queries: Mapping[str, Sequence[object]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    is_key_fixed: bool = False
    tells_missing: bool = False


def build_fields(filled: Filled) -> tuple[Field, ...]:
    """The fields of the form, in its order."""
    told = _told_by_item(filled)
    return tuple(_build(item, filled, tuple(told.get(item.name, ()))) for item in filled.form.item)


def told_beside(filled: Filled) -> tuple[Told, ...]:
    """The findings that belong to no item of the form."""
    names = {item.name for item in filled.form.item}
    told = _told_by_item(filled)
    return tuple(each for name, found in told.items() if name not in names for each in found)


def count_missing(checked: CheckedEntry) -> int:
    """How many required items are still empty."""
    return sum(finding.code == Code.REQUIRED_MISSING for finding in checked.findings)


def search_codes(item: Item, *, protocol: Protocol, typed: str) -> tuple[Choice, ...]:
    """The first codes of a long list that hold every word typed, those that begin so first.

    For adverse events what people say leads to the term of the dictionary, too.
    """
    words = typed.casefold().split()
    if not words:
        return ()
    codes = codes_of(item, code_lists=protocol.code_list)
    choices = {choice.value: choice for choice in _choices(item, codes, "")}
    found = [c for c in choices.values() if all(w in c.label.casefold() for w in words)]
    found.sort(key=lambda choice: (not choice.label.casefold().startswith(words[0]), choice.label))
    if item.code_list == CODE_LIST:
        meant = (choices[each.term] for each in suggest_terms(typed))
        found += [choice for choice in meant if choice not in found]
    return tuple(found[:FOUND_AT_ONCE])


def control_of(item: Item, *, protocol: Protocol, text: str = "") -> Control:
    """How the item is drawn; a text of several lines never stands in a box of one."""
    if item.derived:
        return Control.DERIVED
    if item.type is ItemType.YES_NO:
        return Control.RADIO
    if item.type is ItemType.CODE:
        count = len(codes_of(item, code_lists=protocol.code_list))
        few, many = count <= FEW_CODES, count >= MANY_CODES
        return Control.RADIO if few else Control.SEARCH if many else Control.SELECT
    if "\n" in text or (item.type is ItemType.TEXT and not item.pattern):
        return Control.LONG_TEXT
    if item.type in _NUMBERS:
        return Control.NUMBER
    return Control.DATE if item.type in _DATES else Control.TEXT


def spell_value(value: Value, *, item: Item, protocol: Protocol) -> str:
    """A typed value as people read it: a label for a code, yes or no, a date as written."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, float):
        return _spell_number(round(value, 4))
    if item.type is ItemType.CODE:
        return label_of(str(value), item=item, protocol=protocol)
    return value.isoformat() if isinstance(value, date) else str(value)


def spell_text(text: str, *, item: Item, protocol: Protocol) -> str:
    """A text of an entry as people read it; a kind of missing in words."""
    if text in WRITTEN:
        return _kind_words(WRITTEN[text])
    if item.type is ItemType.YES_NO:
        return {"Y": _("Yes"), "N": _("No")}.get(text, text)
    return label_of(text, item=item, protocol=protocol) if item.type is ItemType.CODE else text


def label_of(code: str, *, item: Item, protocol: Protocol) -> str:
    """The label of a code; the code itself where the list has no such code, or is CTCAE."""
    if item.code_list == CODE_LIST:
        return code
    return codes_of(item, code_lists=protocol.code_list).get(code, code)


def _build(item: Item, filled: Filled, told: tuple[Told, ...]) -> Field:
    text = filled.texts.get(item.name, "")
    control = control_of(item, protocol=filled.protocol, text=text)
    is_key = item.name in filled.form.key
    if is_key:
        control = _control_of_key(control, is_fixed=filled.is_key_fixed)
    if control is Control.DERIVED:
        value = filled.checked.derived.get(item.name)
        text = "" if value is None else spell_value(value, item=item, protocol=filled.protocol)
    is_filled = bool(text) and text not in WRITTEN
    kinds = () if is_key or item.derived else _kinds(filled.kinds.get(item.name, text))
    written = "" if kinds and text in WRITTEN else text
    codes = codes_of(item, code_lists=filled.protocol.code_list)
    return Field(
        name=item.name,
        label=item.label,
        control=control,
        text=written,
        unit=item.unit,
        hint=build_hint(item),
        is_required=item.required,
        is_shown=item.name in filled.checked.asked or is_filled,
        choices=_drawn_choices(control, item, codes, written),
        kinds=kinds,
        told=told,
        queries=tuple(filled.queries.get(item.name, ())),
    )


def _control_of_key(control: Control, *, is_fixed: bool) -> Control:
    if is_fixed:
        return Control.FIXED
    return Control.TEXT if control is Control.LONG_TEXT else control


def _drawn_choices(
    control: Control, item: Item, codes: Mapping[str, str], given: str
) -> tuple[Choice, ...]:
    if control not in (Control.RADIO, Control.SELECT):
        return ()
    if item.type is ItemType.YES_NO:
        codes = {"Y": _("Yes"), "N": _("No")}
    choices = _choices(item, codes, given)
    if given and given not in codes:  # what was written is never lost, though no code is so
        said = _("“%(text)s” (as it was written)") % {"text": given}
        choices = (*choices, Choice(value=given, label=said, is_chosen=True))
    return choices


def _choices(item: Item, codes: Mapping[str, str], chosen: str) -> tuple[Choice, ...]:
    is_ctcae = item.code_list == CODE_LIST
    return tuple(
        Choice(
            value=code,
            label=code if is_ctcae else label,
            group=label if is_ctcae else "",
            is_chosen=code == chosen,
        )
        for code, label in codes.items()
    )


def _kinds(text: str) -> tuple[Choice, ...]:
    """Why a value is not there; "not yet" is an empty field, unless it was written as such."""
    offered = [kind for kind in Missing if kind is not Missing.NOT_YET or text == kind.value]
    return tuple(
        Choice(value=k.value, label=_kind_words(k), is_chosen=k.value == text) for k in offered
    )


def _kind_words(kind: Missing) -> str:
    return {
        Missing.NOT_YET: _("not yet"),
        Missing.NOT_DONE: _("not done"),
        Missing.NOT_APPLICABLE: _("not applicable"),
        Missing.UNKNOWN: _("unknown"),
    }[kind]


def build_hint(item: Item) -> str:
    """What may be written, in a few words: the form of a date, the range, an example."""
    if item.derived:
        return ""
    return "; ".join(part for part in (_shape(item), _range(item), _usual(item)) if part)


def _shape(item: Item) -> str:
    match item.type:
        case ItemType.DATE:
            return _("YYYY-MM-DD")
        case ItemType.PARTIAL_DATE:
            return _("YYYY-MM-DD; YYYY-MM or YYYY where the rest is unknown")
        case ItemType.INTEGER:
            return _("whole number")
        case ItemType.TEXT if example := _example(item.pattern):
            return _("like %(example)s") % {"example": example}
        case _:
            return ""


def _example(pattern: str) -> str:
    """A text of a simple pattern of letters and digits (`L[0-9]{2}` is L01), else nothing."""
    made = re.sub(r"\[0-9\]\{(\d)\}", lambda found: "1".zfill(int(found[1])), pattern)
    made = re.sub(r"\[A-Z\](\{(\d)\})?", lambda found: "A" * int(found[2] or 1), made)
    return made if re.fullmatch(r"[A-Za-z0-9]*", made) else ""


def _range(item: Item) -> str:
    unit = f" {item.unit}" if item.unit else ""
    match item.min, item.max:
        case float(low), float(high):
            return (
                _("%(low)s to %(high)s") % {"low": _spell_number(low), "high": _spell_number(high)}
                + unit
            )
        case float(low), None:
            return _("at least %(low)s") % {"low": _spell_number(low)} + unit
        case None, float(high):
            return _("at most %(high)s") % {"high": _spell_number(high)} + unit
        case _:
            return ""


def _usual(item: Item) -> str:
    low, high = item.soft_min, item.soft_max
    if low is not None and high is not None:
        return _("usually %(low)s to %(high)s") % {
            "low": _spell_number(low),
            "high": _spell_number(high),
        }
    if low is not None:
        return _("usually at least %(low)s") % {"low": _spell_number(low)}
    return _("usually at most %(high)s") % {"high": _spell_number(high)} if high is not None else ""


def _spell_number(number: float) -> str:
    return f"{number:.12g}"


def _told_by_item(filled: Filled) -> dict[str, list[Told]]:
    told: dict[str, list[Told]] = {}
    for number, finding in enumerate(_told_findings(filled), start=1):
        comment = filled.comments.get((finding.code, finding.item), "")
        each = Told(finding=finding, number=number, comment=comment)
        told.setdefault(finding.item, []).append(each)
    return told


def _told_findings(filled: Filled) -> Iterator[Finding]:
    for finding in filled.checked.findings:
        is_key = finding.item in filled.form.key
        if filled.tells_missing or is_key or finding.code != Code.REQUIRED_MISSING:
            yield finding
