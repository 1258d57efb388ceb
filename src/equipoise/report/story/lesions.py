"""Each baseline lesion through time, against its own smallest size (D2.5)."""

from dataclasses import dataclass
from datetime import date

from equipoise.report.story.assessments import reading_of
from equipoise.report.story.material import Material, Row
from equipoise.report.story.person import start_of
from equipoise.report.story.values import BaselineLesion, LesionStep, LesionTold
from equipoise.report.story.words import change_of, join_names, study_day, visit_label

_FAILURES = {
    "growth": "growth of the lesion",
    "reappearance": "there again after it was gone",
    "biopsy": "viable tumour on biopsy",
    "in_field": "a new lesion inside its irradiated volume",
}
_REFUTED = "growth by a fifth and 5 mm, refuted by the next scan 8 weeks or more later or by biopsy"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesions:
    """The states of all lesions of a subject, and which have merged into which by visit."""

    material: Material
    subject: str
    states: dict[str, list[Row]]
    merged: dict[tuple[str, str], tuple[str, ...]]


def tell_lesions(
    material: Material, *, subject: str, lesions: tuple[BaselineLesion, ...]
) -> tuple[LesionTold, ...]:
    """Every lesion of the baseline list with the scans that looked at it, in time order."""
    states: dict[str, list[Row]] = {}
    for state in material.rows("lesion_states", subject=subject):
        states.setdefault(state["lesion"], []).append(state)
    for rows in states.values():
        rows.sort(key=lambda row: (row["scan_date"] or date.max, row["visit"]))
    every = _Lesions(
        material=material,
        subject=subject,
        states=states,
        merged=_merged(material, subject=subject),
    )
    failures = {row["lesion"]: row for row in material.rows("lesion_failure", subject=subject)}
    return tuple(
        LesionTold(
            lesion=lesion,
            steps=_steps(every, lesion=lesion, failure=failures.get(lesion.lesion)),
            failure_date=failures.get(lesion.lesion, {}).get("failure_date"),
            failure=_failure_words(failures.get(lesion.lesion)),
        )
        for lesion in lesions
    )


def _merged(material: Material, *, subject: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """The lesions inside a mass, by visit and the lesion under which the mass is entered."""
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in material.entered("les_fu", subject=subject):
        if row["status"] == "merged" and row["merged_into"]:
            place = (row["visit"], row["merged_into"])
            found[place] = (*found.get(place, ()), row["lesion"])
    return found


def _failure_words(row: Row | None) -> str:
    if row is None:
        return ""
    return _FAILURES.get(row["kind"], str(row["kind"]))


def _steps(
    every: _Lesions, *, lesion: BaselineLesion, failure: Row | None
) -> tuple[LesionStep, ...]:
    material, states = every.material, every.states.get(lesion.lesion, [])
    start = start_of(material, subject=every.subject)
    steps = []
    for place, state in enumerate(states):
        now = _own_size(state)
        nadir = _nadir(every, lesion=lesion.lesion, place=place)
        reading = reading_of(
            material, lesion=lesion.lesion, role="", state=state, subject=every.subject
        )
        members = every.merged.get((state["visit"], lesion.lesion), ())
        with_them = f", together with {join_names(list(members))}" if members else ""
        steps.append(
            LesionStep(
                label=visit_label(material.protocol, visit=state["visit"]),
                scan_date=state["scan_date"],
                day=study_day(state["scan_date"], start=start),
                tenths_mm=now,
                words=reading.words + with_them,
                nadir_tenths_mm=nadir,
                from_nadir=change_of(now, since=nadir),
                note=_note(state, lesion=lesion, nadir=nadir, failure=failure),
                entry=reading.entry,
            )
        )
    return tuple(steps)


def _own_size(state: Row) -> int | None:
    """The size by which a lesion is judged by itself; a merged or removed one is judged no more."""
    size: int | None = state["tenths_mm"]
    return None if state["status"] in ("merged", "resected") else size


def _nadir(every: _Lesions, *, lesion: str, place: int) -> int | None:
    """The smallest size before; of a mass that of its lesions together, or its own since."""
    states = every.states[lesion]
    members = every.merged.get((states[place]["visit"], lesion), ())
    before = [(every.merged.get((s["visit"], lesion), ()), _own_size(s)) for s in states[:place]]
    if not members:
        return min((size for _, size in before if size is not None), default=None)
    alone = [size for inside, size in before if not inside and size is not None]
    parts = [min(alone, default=None), *(_lowest(every, member) for member in members)]
    since = [size for inside, size in before if inside == members and size is not None]
    known = [part for part in parts if part is not None]
    together = [sum(known)] if len(known) == len(parts) else []
    return min([*together, *since], default=None)


def _lowest(every: _Lesions, lesion: str) -> int | None:
    """The smallest size of a lesion while it was judged by itself."""
    sizes = [_own_size(state) for state in every.states.get(lesion, [])]
    return min((size for size in sizes if size is not None), default=None)


def _note(state: Row, *, lesion: BaselineLesion, nadir: int | None, failure: Row | None) -> str:
    """What became of a growth that is no failure: rule R12 refuted it, for it stands otherwise."""
    now = _own_size(state)
    if not lesion.index or now is None or nadir is None:
        return ""
    grown = 10 * now >= 12 * nadir and now - nadir >= 50 and max(now, nadir) >= 100
    before = failure is None or (state["scan_date"] or date.min) < failure["failure_date"]
    return _REFUTED if grown and before else ""
