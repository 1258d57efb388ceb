"""One entry of one form: the currency that every part of the program trades in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from equipoise.vocab.ids import EntryId, FormName, SubjectId, build_entry_id
from equipoise.vocab.missing import Missing

Value = str | int | float | bool | date


@dataclass(frozen=True, slots=True, kw_only=True)
class FormEntry:
    """What was entered in one form for one subject; an item not in `values` is not yet known.

    `key` holds the values of the form's key items as text; `protocol` is the fingerprint of the
    protocol version under which it was entered (empty where nobody said).
    """

    subject: SubjectId
    form: FormName
    key: tuple[str, ...] = ()
    values: Mapping[str, Value | Missing]
    protocol: str = ""

    @property
    def entry(self) -> EntryId:
        """The identity of the entry, unique within a trial."""
        return build_entry_id(subject=self.subject, form=self.form, key=self.key)
