"""Two people saved the same entry: both versions field by field, and what each of them changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from equipoise.protocol.form_model import Form, Item
from equipoise.protocol.model import Protocol
from equipoise.web.form_builder import spell_text


class Proposal(StrEnum):
    """Which version is proposed for a field: where only one person changed it, that one."""

    MINE = "mine"
    THEIRS = "theirs"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A value as text, and as people read it."""

    text: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field in which the two versions differ; `before` is what both started from."""

    name: str
    label: str
    unit: str
    before: Version
    mine: Version
    theirs: Version
    proposal: Proposal


def list_differences(
    form: Form, *, protocol: Protocol, mine: Mapping[str, str], theirs: Mapping[str, str],
    before: Mapping[str, str],
) -> tuple[Difference, ...]:  # fmt: skip
    """The fields of which one must be chosen, in the order of the form."""

    def version(item: Item, texts: Mapping[str, str]) -> Version:
        text = texts.get(item.name, "")
        return Version(text=text, words=spell_text(text, item=item, protocol=protocol))

    return tuple(
        Difference(
            name=item.name,
            label=item.label,
            unit=item.unit,
            before=version(item, before),
            mine=version(item, mine),
            theirs=version(item, theirs),
            proposal=_propose(item.name, mine=mine, theirs=theirs, before=before),
        )
        for item in form.entered_items
        if item.name in mine and mine[item.name] != theirs.get(item.name, "")
    )


def _propose(
    name: str, *, mine: Mapping[str, str], theirs: Mapping[str, str], before: Mapping[str, str]
) -> Proposal:
    stood = before.get(name, "")
    if mine[name] == stood:
        return Proposal.THEIRS
    return Proposal.MINE if theirs.get(name, "") == stood else Proposal.NEITHER
