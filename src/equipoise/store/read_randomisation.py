"""What a randomisation rests on: criteria with the values that decide, strata, the signature."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.eligibility import check_eligibility
from equipoise.capture.frames import Frames
from equipoise.capture.lifecycle import FormState
from equipoise.capture.signature import Meaning
from equipoise.protocol.model import Criterion, Protocol, Stratum
from equipoise.protocol.rules import items_of
from equipoise.store.eligibility import randomisation_place, randomisation_values
from equipoise.store.entry_place import place_of, written_entry
from equipoise.store.models import Allocation, FormEntry, Signature
from equipoise.store.protocol_read import fingerprint_at, read_version
from equipoise.store.read_entries import frame_written, read_written
from equipoise.store.site_day import day_at, site_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """A value that a criterion looks at: the form, what it is called, and what stands there."""

    form: str
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionRow:
    """A criterion, whether it is met (None: not known yet), and the values that decide."""

    criterion: Criterion
    met: bool | None
    values: tuple[Deciding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumRow:
    """A factor with its level; `is_computed` where the entries give it."""

    stratum: Stratum
    value: str
    is_computed: bool

    @property
    def words(self) -> str:
        """The level in words."""
        labels = {level.value: level.label for level in self.stratum.level}
        return labels.get(self.value, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class EligibilityRead:
    """All that somebody looks at before he signs that a subject is eligible."""

    day: date
    criteria: tuple[CriterionRow, ...]
    strata: tuple[StratumRow, ...]
    drafts: tuple[str, ...]
    signature: Signature | None
    is_randomised: bool

    @property
    def is_ready(self) -> bool:
        """Whether nothing stands against a signature."""
        return not self.drafts and all(row.met for row in self.criteria)


def read_eligibility(
    subject: str, *, now: datetime, chosen: Mapping[str, str] | None = None
) -> EligibilityRead:
    """Every criterion for the subject as its entries stand; `chosen` are levels of factors.

    Of who is randomised, on the day and under the protocol of the randomisation, and without
    drafts: those of today decide nothing any more, and one of SBRT would tell the arm.
    """
    site = site_of(subject)
    allocation = Allocation.objects.filter(subject=subject).first()
    protocol = read_version(allocation.protocol_id if allocation else fingerprint_at(site, now=now))
    day = day_at(site, now=allocation.at if allocation else now)
    strata = tuple(_read_strata(subject, protocol, chosen or {}))
    levels = {row.stratum.name: row.value for row in strata}
    drafts = FormEntry.objects.filter(subject=subject, state=FormState.DRAFT)
    drafts = drafts.none() if allocation else drafts
    signed = Signature.objects.filter(
        subject=subject, meaning=Meaning.ELIGIBILITY, is_valid=True
    ).order_by("-number")
    return EligibilityRead(
        day=day,
        criteria=tuple(_read_criteria(subject, protocol, levels, day)),
        strata=strata,
        drafts=tuple(place_of(row).entry for row in drafts.order_by("form", "key")),
        signature=signed.first(),
        is_randomised=allocation is not None,
    )


def _read_criteria(
    subject: str, protocol: Protocol, levels: Mapping[str, str], day: date
) -> Iterator[CriterionRow]:
    values = randomisation_values(levels, protocol, on=day)
    place = randomisation_place(subject, protocol)
    written = [e for e in read_written(subject=subject) if e.form != place.form]
    read = frame_written([*written, written_entry(place, values=values)], protocol)
    frames = complete(read.frames, protocol)
    found = check_eligibility(frames, protocol, as_of_date=day)
    met = dict(found.select("criterion", "met").iter_rows())
    for criterion in protocol.criterion:
        names = sorted(items_of(criterion.met_when))
        yield CriterionRow(
            criterion=criterion,
            met=met.get(criterion.id),
            values=tuple(d for name in names if (d := _deciding(name, frames, protocol))),
        )


def _deciding(name: str, frames: Frames, protocol: Protocol) -> Deciding | None:
    form_name, between, item = name.partition("__")
    form = next((f for f in protocol.form if f.form == form_name), None)
    if not between or form is None:
        return None
    labels = {each.name: each.label for each in form.item}
    labels |= {each.name: each.label for each in form.aggregate}
    return Deciding(
        form=form.title, label=labels.get(item, item), value=_value(frames[form_name], item)
    )


def _value(frame: pl.DataFrame, item: str) -> str:
    """What stands in the first row; empty where nothing is known."""
    value = frame[item][0] if item in frame.columns and frame.height else None
    if isinstance(value, bool):
        return "Y" if value else "N"
    return "" if value is None else str(value)


def _read_strata(
    subject: str, protocol: Protocol, chosen: Mapping[str, str]
) -> Iterator[StratumRow]:
    """Each factor, by the derived item of its name in another form, else as it was chosen."""
    frames = complete(frame_written(read_written(subject=subject), protocol).frames, protocol)
    for stratum in protocol.stratum:
        levels = {level.value for level in stratum.level}
        sources = (
            frames[form.form]
            for form in protocol.form
            if form.form != stratum.form
            and stratum.item in {item.name for item in form.derived_items}
        )
        found = (_value(frame, stratum.item) for frame in sources)
        computed = next((value for value in found if value in levels), "")
        value = computed or chosen.get(stratum.name, "")
        yield StratumRow(
            stratum=stratum, value=value if value in levels else "", is_computed=bool(computed)
        )


def read_true_strata(subject: str) -> tuple[Allocation, tuple[StratumRow, ...]] | None:
    """The allocation of a subject with its strata as they truly are; None before it has one."""
    allocation = Allocation.objects.filter(subject=subject).first()
    if allocation is None:
        return None
    factors = read_version(allocation.protocol_id).stratum
    rows = (
        StratumRow(stratum=stratum, value=value, is_computed=False)
        for stratum, value in zip(factors, allocation.true_stratum, strict=True)
    )
    return allocation, tuple(rows)


def newest_strata(subject: str) -> dict[str, str]:
    """The levels that the newest signature on eligibility froze, whether it holds or not."""
    signed = Signature.objects.filter(subject=subject, meaning=Meaning.ELIGIBILITY)
    about = signed.order_by("-number").values_list("about", flat=True).first()
    return dict(about["strata"]) if about else {}
