"""Each assessment of a subject: sizes, sums, responses, and why."""

from dataclasses import dataclass
from datetime import timedelta

from equipoise.report.story.holds import tell_hold
from equipoise.report.story.material import Material, Row
from equipoise.report.story.person import start_of
from equipoise.report.story.reasons import Seen, list_reasons
from equipoise.report.story.values import AssessmentTold, BaselineLesion, LesionReading, NewLesion
from equipoise.report.story.words import (
    change_of,
    code_words,
    study_day,
    visit_label,
    write_mm,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Series:
    """What the assessments of one subject are told from."""

    material: Material
    subject: str
    roles: dict[str, str]
    assessments: tuple[Row, ...]
    progressions: dict[str, Row]

    def before(self, row: Row) -> tuple[Row, ...]:
        """The assessments before this one, baseline included."""
        return self.assessments[: self.assessments.index(row)]


def tell_assessments(
    material: Material, *, subject: str, lesions: tuple[BaselineLesion, ...]
) -> tuple[AssessmentTold, ...]:
    """Every assessment in the order of its dates, baseline first."""
    rows = material.rows("assessments", subject=subject)
    ordered = sorted(rows, key=lambda row: not row["baseline"])
    series = _Series(
        material=material,
        subject=subject,
        roles={
            row["lesion"]: row["role"] for row in material.entered("les_bl", subject=subject)[::-1]
        },
        assessments=tuple(ordered),
        progressions={row["visit"]: row for row in material.rows("progressions", subject=subject)},
    )
    names = tuple(lesion.lesion for lesion in lesions)
    return tuple(_tell(series, row=row, names=names) for row in ordered)


def _tell(series: _Series, *, row: Row, names: tuple[str, ...]) -> AssessmentTold:
    material, subject = series.material, series.subject
    readings = tuple(_readings(series, visit=row["visit"], names=names))
    new = tuple(_new_lesions(series, visit=row["visit"]))
    seen = _seen(series, row=row, readings=readings, new=new)
    progression = series.progressions.get(row["visit"])
    return AssessmentTold(
        visit=row["visit"],
        label=visit_label(material.protocol, visit=row["visit"]),
        first_date=row["first_date"],
        last_date=row["last_date"],
        day=study_day(row["first_date"], start=start_of(material, subject=subject)),
        baseline=bool(row["baseline"]),
        readings=readings,
        new_lesions=new,
        sum_tenths_mm=seen.sum_tenths,
        nadir_tenths_mm=seen.nadir_tenths,
        nadir_label=seen.nadir_label,
        from_baseline=change_of(seen.sum_tenths, since=seen.baseline_tenths),
        from_nadir=change_of(seen.sum_tenths, since=seen.nadir_tenths),
        target_response=seen.target,
        non_target_response=seen.non_target,
        response=seen.response,
        adequate=bool(row["adequate"]),
        why=() if row["baseline"] else list_reasons(seen),
        progression_date=progression["progression_date"] if progression else None,
        counts=bool(progression["counts"]) if progression else None,
        hold=tell_hold(material, progression=progression) if progression else None,
        earlier=_counted_before(series, before=series.before(row)),
        entries=tuple(row["entries"] or ()),
    )


def tell_missed(
    material: Material, *, subject: str, assessments: tuple[AssessmentTold, ...]
) -> tuple[str, ...]:
    """The planned visits without an adequate assessment: up to progression, death or last contact.

    A visit is missed once its window has closed; an assessment in the window is that of the visit.
    """
    start = start_of(material, subject=subject)
    row = material.rows("subjects", subject=subject)[0]
    seen = [each for each in assessments if each.adequate and not each.baseline]
    ends = [each.progression_date for each in assessments if each.counts]
    last = min(
        [day for day in (*ends, row["death_date"] or row["last_alive_date"]) if day], default=None
    )
    if start is None or last is None:
        return ()
    missed = []
    for visit in material.protocol.schedule.imaging_visits:
        opens = start + timedelta(days=visit.day - visit.before_days)
        closes = start + timedelta(days=visit.day + visit.after_days)
        done = any(
            each.visit == visit.code or (each.first_date and opens <= each.first_date <= closes)
            for each in seen
        )
        if visit.day > 0 and closes < last and not done:
            missed.append(visit_label(material.protocol, visit=visit.code))
    return tuple(missed)


def _counted_before(series: _Series, *, before: tuple[Row, ...]) -> str:
    """The visit of the first progression before that counts; empty without one."""
    visits = [each["visit"] for each in before]
    found = [v for v in visits if v in series.progressions and series.progressions[v]["counts"]]
    return visit_label(series.material.protocol, visit=found[0]) if found else ""


def _readings(series: _Series, *, visit: str, names: tuple[str, ...]) -> list[LesionReading]:
    """Every lesion of the baseline list at a visit; one that was not entered is not evaluated."""
    states = {
        state["lesion"]: state
        for state in series.material.rows("lesion_states", subject=series.subject)
        if state["visit"] == visit
    }
    return [
        reading_of(
            series.material,
            lesion=name,
            role=series.roles.get(name, ""),
            state=states.get(name),
            subject=series.subject,
        )
        for name in names
    ]


def reading_of(
    material: Material, *, lesion: str, role: str, state: Row | None, subject: str
) -> LesionReading:
    """What a scan says of a lesion, in words: `22.0 mm`, `absent`, `merged into L01`."""
    if state is None:
        return LesionReading(
            lesion=lesion, role=role, status="", tenths_mm=None, words="not entered", entry=""
        )
    entry = next(iter(state["entries"] or ()), "")
    return LesionReading(
        lesion=lesion,
        role=role,
        status=state["status"] or "",
        tenths_mm=state["tenths_mm"],
        words=_state_words(material, state=state, entry=entry, subject=subject),
        entry=entry,
    )


def _state_words(material: Material, *, state: Row, entry: str, subject: str) -> str:
    status, tenths = state["status"], state["tenths_mm"]
    size = "" if tenths is None else write_mm(tenths)
    match status:
        case "measured":
            return size or "measured, size not entered"
        case "merged":
            rows = material.entered("les_fu", subject=subject)
            hosts = [row["merged_into"] for row in rows if row["entry"] == entry]
            return f"merged into {hosts[0]}" if hosts and hosts[0] else "merged"
        case "split":
            return f"split, fragments add up to {size}" if size else "split, size not entered"
        case "tstm":
            return f"too small to measure, counts {size}"
        case "present" | "progression":
            told = "unequivocal progression" if status == "progression" else "present"
            return f"{told}, {size}" if size else told
        case _:
            return code_words(material.protocol, form="les_fu", item="status", code=status)


def _new_lesions(series: _Series, *, visit: str) -> list[NewLesion]:
    rows = series.material.entered("newles", subject=series.subject)
    return [
        _new_lesion(series, row=row, rows=rows)
        for row in sorted(rows, key=lambda row: str(row["lesion"]))
        if row["visit"] == visit
    ]


def _new_lesion(series: _Series, *, row: Row, rows: tuple[Row, ...]) -> NewLesion:
    """One sighting; it counts here when the derived progression of this visit rests on it."""
    protocol = series.material.protocol
    site = code_words(protocol, form="newles", item="site", code=row["site"])
    size = "" if row["mm"] is None else f", {row['mm']:g} mm"
    name = f"{row['lesion']} ({site}{size})"
    progression = series.progressions.get(row["visit"])
    counts = progression is not None and row["entry"] in (progression["entries"] or ())
    earlier = [
        other
        for other in rows
        if other["lesion"] == row["lesion"] and _counted(series, row=other) and other is not row
    ]
    return NewLesion(
        lesion=row["lesion"],
        site=site,
        certainty=row["certainty"] or "",
        counts=counts,
        words=_new_words(series, row=row, name=name, counts=counts, earlier=earlier),
        entry=row["entry"],
    )


def _counted(series: _Series, *, row: Row) -> bool:
    """Whether the progression of the row's own visit rests on this sighting."""
    progression = series.progressions.get(row["visit"])
    return progression is not None and row["entry"] in (progression["entries"] or ())


def _new_words(series: _Series, *, row: Row, name: str, counts: bool, earlier: list[Row]) -> str:
    if earlier and not counts:
        first = visit_label(series.material.protocol, visit=earlier[0]["visit"])
        return f"new lesion {name}, first seen at {first}"
    if not counts:
        doubt = "is equivocal and does" if row["certainty"] == "equivocal" else "does"
        return f"{name} {doubt} not count as a new lesion"
    if row["certainty"] != "equivocal":
        return f"new lesion {name}"
    later = _confirming_visit(series, row=row)
    sure = f" and unequivocal at {later}" if later else ""
    return f"new lesion {name}: equivocal here{sure}, so it counts from here"


def _confirming_visit(series: _Series, *, row: Row) -> str:
    rows = series.material.entered("newles", subject=series.subject)
    sure = [
        other
        for other in rows
        if other["lesion"] == row["lesion"] and other["certainty"] == "unequivocal"
    ]
    first = min(sure, key=lambda other: (str(other["scan_date"]), other["entry"]), default=None)
    return visit_label(series.material.protocol, visit=first["visit"]) if first else ""


def _seen(
    series: _Series, *, row: Row, readings: tuple[LesionReading, ...], new: tuple[NewLesion, ...]
) -> Seen:
    before = series.before(row)
    first = next((each for each in before if each["baseline"]), None)
    is_new = bool(row["new_lesion"])
    return Seen(
        readings=readings,
        new_lesions=new,
        sum_tenths=_sum(series, row=row),
        nadir_tenths=row["nadir_tenths_mm"],
        baseline_tenths=_sum(series, row=first) if first is not None else None,
        nadir_label=_nadir_label(series, before=before, nadir=row["nadir_tenths_mm"]),
        target=row["target_response"] or "",
        non_target=row["non_target_response"] or "",
        response=row["response"] or "",
        partial_since=_partial_since(series, before=before),
        cleared=any(each["response"] == "CR" for each in before),
        earlier_new=_first_new(series, before=before) if is_new else "",
        has_baseline=first is not None,
    )


def _sum(series: _Series, *, row: Row) -> int | None:
    """The sum of the targets; None without any, and at baseline where one has no size."""
    targets = [name for name, role in series.roles.items() if role == "target"]
    if not targets:
        return None
    if row["baseline"]:
        readings = _readings(series, visit=row["visit"], names=tuple(targets))
        if any(reading.tenths_mm is None for reading in readings):
            return None
    total: int | None = row["sum_tenths_mm"]
    return total


def _nadir_label(series: _Series, *, before: tuple[Row, ...], nadir: int | None) -> str:
    """The visit at which the nadir was first seen."""
    found = next((each for each in before if each["sum_tenths_mm"] == nadir), None)
    if nadir is None or found is None:
        return ""
    return visit_label(series.material.protocol, visit=found["visit"])


def _partial_since(series: _Series, *, before: tuple[Row, ...]) -> str:
    """The first visit of the partial (or complete) response of the targets that stands before.

    A progression ends it, unless it was refuted: then the response of before is there again.
    """
    since = refuted = ""
    for each in before:
        if each["target_response"] == "PD":
            since, refuted = "", since or refuted
        elif each["target_response"] in ("PR", "CR") and not since:
            since = visit_label(series.material.protocol, visit=each["visit"])
    return since or refuted


def _first_new(series: _Series, *, before: tuple[Row, ...]) -> str:
    found = next((each for each in before if each["new_lesion"] and not each["baseline"]), None)
    if found is None:
        return ""
    return visit_label(series.material.protocol, visit=found["visit"])
