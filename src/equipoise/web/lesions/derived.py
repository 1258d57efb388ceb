"""What is derived of one subject, as analysis and report would read it; kept until it changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from equipoise.capture.frames import Frames, empty_frame
from equipoise.capture.schedule import VISIT_ITEM
from equipoise.capture.trial import ALLOCATION_SCHEMA
from equipoise.derive.datasets import derive_datasets
from equipoise.protocol.form_model import Form
from equipoise.protocol.model import Protocol
from equipoise.report.figures.subject_timeline import build_timeline, render_timeline
from equipoise.report.figures.sums import render_sums
from equipoise.report.story.material import gather_material
from equipoise.report.story.tell import tell_story
from equipoise.report.story.values import Story
from equipoise.store.models import LedgerLine
from equipoise.store.read_entries import read_frames
from equipoise.web.work.grid import OneSubject

_Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """One subject derived: its story (None before randomisation), frames, SBRT by lesion.

    What the reader may not read is not in the frames, and nothing is derived from it.
    """

    story: Story | None
    frames: Frames
    dose: tuple[_Row, ...]
    investigator: Mapping[str, str]
    timeline: str
    sums: str


_Stamp = tuple[str, str, str | None]
# By subject and what is left out: derivation takes a third of a second, and its entries say when
# it is out of date. A value of another stamp is replaced.
_kept: dict[tuple[str, frozenset[str]], tuple[_Stamp, Derived]] = {}


def read_derived(one: OneSubject) -> Derived:
    """What is derived from the entries of the subject that this reader may read, as they stand."""
    number = one.row.number
    hidden = frozenset(form.form for form in one.protocol.form if form.form not in one.sight.reads)
    hidden |= {visit for *_, visit in one.sight.hidden.visits}
    lines = LedgerLine.objects.filter(subject=number).order_by("-number")
    head = lines.values_list("digest", flat=True).first() or ""
    stamp = (head, one.fingerprint, one.sight.arm)
    kept = _kept.get((number, hidden))
    if kept is None or kept[0] != stamp or not head:
        kept = (stamp, derive_one(one, frames=read_visible(one)))
        _kept[(number, hidden)] = kept
    return kept[1]


def read_visible(one: OneSubject) -> dict[str, pl.DataFrame]:
    """The frames of the subject; what the reader may not read is not in them."""
    read = read_frames(one.protocol, subject=one.row.number).frames
    return {
        form.form: _without_visits(read[form.form], form, one)
        if form.form in one.sight.reads
        else empty_frame(form)
        for form in one.protocol.form
    }


def _without_visits(frame: pl.DataFrame, form: Form, one: OneSubject) -> pl.DataFrame:
    """The frame without the entries at visits that would tell the reader the arm."""
    visits = [visit for own, _, visit in one.sight.hidden.visits if own == form.form]
    return frame.filter(~pl.col(VISIT_ITEM).is_in(visits)) if visits else frame


def derive_one(one: OneSubject, *, frames: Frames) -> Derived:
    """Everything that the pages of a subject show of derivation."""
    datasets = derive_datasets(frames, one.protocol)
    number = one.row.number
    arms = [(0, number, one.sight.arm)] if one.sight.arm else []
    material = gather_material(
        datasets,
        one.protocol,
        frames=frames,
        allocations=pl.DataFrame(arms, schema=ALLOCATION_SCHEMA, orient="row"),
    )
    story = None
    if number in material.subjects:
        story = tell_story(material, subject=number, endpoint=one.protocol.endpoint[0].id)
    return Derived(
        story=story,
        frames=frames,
        dose=tuple(datasets.dose.iter_rows(named=True)),
        investigator=_investigator(frames, one.protocol),
        timeline=render_timeline(story) if story else "",
        sums=render_sums(story, timeline=build_timeline(story)) if story else "",
    )


def _investigator(frames: Frames, protocol: Protocol) -> dict[str, str]:
    """The overall response by visit as the investigator entered it."""
    if "rs" not in {form.form for form in protocol.form}:
        return {}
    rows = frames["rs"].select("visit", "overall").drop_nulls()
    return dict(rows.iter_rows())
