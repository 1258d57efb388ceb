"""A follow-up scan while it is read: what the sizes typed so far come to by RECIST 1.1.

The sizes typed take the place of those entered for the visit, and the one engine of derivation
says what they come to; nothing is saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.entry import FormEntry
from equipoise.capture.frames import Frames
from equipoise.derive.expected_forms import with_expected
from equipoise.derive.left_out import put_in_order
from equipoise.derive.tumour import Tumour, derive_tumour
from equipoise.protocol.model import Protocol
from equipoise.report.figures.sums import progression_limit
from equipoise.store.read_entries import frame_written, read_written
from equipoise.vocab.finding import Finding
from equipoise.vocab.ids import FormName, SubjectId
from equipoise.web.work.grid import OneSubject

FORM = "les_fu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed of one lesion at the scan, as texts."""

    status: str
    mm: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said of the lesion yet."""
        return not self.status and not self.mm


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanLesion:
    """A lesion of the baseline list, its size there and at the last scan, and what is typed."""

    lesion: str
    site: str
    role: str
    baseline_tenths: int | None
    last_tenths: int | None
    typed: Typed


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCheck:
    """What the scan comes to so far; sizes in tenths of a millimetre, None where not known.

    `partial_from` and `progression_from` are the largest sum that is a partial response and the
    smallest that is a progression; `missing` names the lesions of which nothing is known.
    """

    sum_tenths: int | None
    baseline_tenths: int | None
    nadir_tenths: int | None
    partial_from: int | None
    progression_from: int | None
    missing: tuple[str, ...]
    target_response: str
    response: str
    findings: tuple[Finding, ...]


def read_lesions(
    one: OneSubject, *, visit: str, typed: Mapping[str, Typed] | None, on: date
) -> list[ScanLesion]:
    """The lesions to be looked at; without `typed` as they are entered for the visit."""
    frames = frame_written(read_written(subject=one.row.number), one.protocol).frames
    entered = {row["lesion"]: row for row in frames[FORM].filter(visit=visit).iter_rows(named=True)}
    earlier = frames[FORM].drop_nulls("scan_date").sort("scan_date")
    last = {
        row["lesion"]: row["mm"]
        for row in earlier.iter_rows(named=True)
        if row["scan_date"] < on and row["visit"] != visit and row["mm"] is not None
    }
    sites = one.protocol.code_list.get("lesion_site", {})
    return [
        ScanLesion(
            lesion=row["lesion"],
            site=sites.get(row["site"], row["site"] or ""),
            role=row["role"] or "",
            baseline_tenths=_tenths(row["ld_mm"] if row["ld_mm"] is not None else row["sa_mm"]),
            last_tenths=_tenths(last.get(row["lesion"])),
            typed=_typed(row["lesion"], typed, entered),
        )
        for row in frames["les_bl"].sort("lesion").iter_rows(named=True)
    ]


def check_scan(one: OneSubject, *, visit: str, lesions: list[ScanLesion], on: date) -> ScanCheck:
    """What the sizes come to, by the derivation that also reads the data cut."""
    known = [each for each in lesions if not each.typed.is_empty]
    entries = [_entry(one, visit=visit, lesion=each, on=on) for each in known]
    others = [
        entry
        for entry in read_written(subject=one.row.number)
        if not (entry.form == FORM and entry.key[:1] == (visit,))
        and entry.form in one.sight.reads
        and not one.sight.hidden.has_entry(entry.form, key=entry.key)
    ]
    read = frame_written([*others, *entries], one.protocol)
    tumour = _derive(read.frames, one.protocol)
    found = next(iter(tumour.assessments.filter(visit=visit).to_dicts()), {})
    own = {entry.entry for entry in entries}
    targets = {each.lesion for each in lesions if each.role == "target"}
    base = [each.baseline_tenths for each in lesions if each.role == "target"]
    baseline = sum(each for each in base if each is not None) if base else None
    nadir = found.get("nadir_tenths_mm")
    return ScanCheck(
        sum_tenths=_sum_so_far(tumour, visit=visit, targets=targets),
        baseline_tenths=baseline,
        nadir_tenths=nadir,
        partial_from=7 * baseline // 10 if baseline is not None else None,
        progression_from=progression_limit(nadir) if nadir is not None else None,
        missing=tuple(each.lesion for each in lesions if each.typed.is_empty),
        target_response=found.get("target_response") or "",
        response=found.get("response") or "",
        findings=tuple(finding for finding in read.findings if finding.entry in own),
    )


def _derive(frames: Frames, protocol: Protocol) -> Tumour:
    once, _ = put_in_order(frames)
    return derive_tumour(with_expected(complete(once, protocol)), protocol)


def _sum_so_far(tumour: Tumour, *, visit: str, targets: set[str]) -> int | None:
    """The sizes of the targets known so far, added; None while there is none."""
    states = tumour.lesion_states.filter(visit=visit).drop_nulls("tenths_mm")
    known = states.filter(pl.col("lesion").is_in(sorted(targets)))["tenths_mm"]
    return int(known.sum()) if known.len() else None


def _entry(one: OneSubject, *, visit: str, lesion: ScanLesion, on: date) -> FormEntry:
    size = {"mm": lesion.typed.mm} if lesion.typed.mm else {}
    return FormEntry(
        subject=SubjectId(one.row.number),
        form=FormName(FORM),
        key=(visit, lesion.lesion),
        values={
            "visit": visit,
            "lesion": lesion.lesion,
            "scan_date": on.isoformat(),
            "status": lesion.typed.status or "measured",
            **size,
        },
    )


def _typed(
    lesion: str, typed: Mapping[str, Typed] | None, entered: Mapping[str, dict[str, object]]
) -> Typed:
    if typed is not None:
        return typed.get(lesion, Typed(status="", mm=""))
    row = entered.get(lesion)
    if row is None:
        return Typed(status="", mm="")
    mm = row["mm"]
    return Typed(status=str(row["status"] or ""), mm="" if mm is None else f"{mm:g}")


def _tenths(mm: float | None) -> int | None:
    return None if mm is None else round(10 * mm)
