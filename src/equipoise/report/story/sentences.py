"""The sentences of a story, the same for the terminal and for the page."""

from datetime import date

from equipoise.report.story.values import (
    AssessmentTold,
    EventTold,
    LesionTold,
    OccurrenceTold,
    Story,
    Treatment,
    Verdict,
    WindowTold,
)
from equipoise.report.story.words import write_change, write_day, write_int, write_mm
from equipoise.report.wording import capital, count_of

_SEXES = {"male": "man", "female": "woman"}
RESPONSES = {
    "CR": "complete response",
    "PR": "partial response",
    "SD": "stable disease",
    "PD": "progressive disease",
    "NE": "not evaluable",
    "NED": "no evidence of disease",
    "NON-CR/NON-PD": "neither complete response nor progression",
}


def cut_words(story: Story) -> str:
    """As of when the story is told."""
    if not story.cut:
        return "All entries, no data cut."
    when = f", {story.cutoff_date.isoformat()}" if story.cutoff_date else ""
    return f"As of data cut {story.cut}{when}."


def person_sentences(story: Story, *, folder_has_arms: bool = True) -> list[str]:
    """Who the subject is, when randomised and to what, what became of the subject."""
    person = story.person
    who = _SEXES.get(person.sex, "person")
    age = f"{person.age_years}-year-old {who}" if person.age_years is not None else who
    told = [f"A {age}, site {person.site or 'not entered'}."]
    if person.strata:
        told.append("Strata: " + "; ".join(f"{n}: {v}" for n, v in person.strata) + ".")
    when = person.randomised_date.isoformat() if person.randomised_date else "no date"
    if person.arm:
        where = f", to {person.arm_label} (arm {person.arm}, from the allocations)"
    elif folder_has_arms:
        where = "; no allocation is known for this subject"
    else:
        where = "; the folder has no allocations, so the arm is not told"
    told.append(f"Randomised on {when} (day 1){where}.")
    return [*told, *(f"{fact}." for fact in person.facts)]


def baseline_line(told: LesionTold) -> str:
    """A lesion at baseline in one line: `L01: lung, target, index lesion, 28.0 mm on ...`."""
    lesion = told.lesion
    axis = " (short axis)" if lesion.kind == "nodal" else ""
    size = "no size" if lesion.tenths_mm is None else f"{write_mm(lesion.tenths_mm)}{axis}"
    when = f" on {lesion.scan_date.isoformat()}" if lesion.scan_date else ""
    index = ", index lesion" if lesion.index else ""
    return f"{lesion.lesion}: {lesion.site}, {lesion.role}{index}, {size}{when}"


def treatment_words(treatment: Treatment) -> str:
    """A stretch of treatment in one line, with its days."""
    start = treatment.start_date.isoformat()
    day = "" if treatment.day is None else f" (day {write_int(treatment.day)})"
    if treatment.kind in ("surgery", "later"):
        return f"{start}{day}: {treatment.words}"
    if treatment.stop_date is None:
        return f"From {start}{day}: {treatment.words}"
    if treatment.stop_date == treatment.start_date:
        return f"{start}{day}: {treatment.words}"
    return f"{start} to {treatment.stop_date.isoformat()}{day}: {treatment.words}"


def response_words(code: str) -> str:
    """A response code with its words: `PD, progressive disease`."""
    return f"{code}, {RESPONSES[code]}" if code in RESPONSES else code or "no response"


def assessment_lines(told: AssessmentTold, *, start: date | None) -> list[str]:
    """An assessment: a head with date and response, then sizes, sum, reasons and hold."""
    lines = [_head(told, start=start)]
    if told.readings:
        lines.append("; ".join(f"{each.lesion} {each.words}" for each in told.readings))
    sums = sum_words(told)
    if sums:
        lines.append(capital(sums))
    parts = [(name, code) for name, code in _parts(told) if code]
    if parts:
        lines.append(capital(", ".join(f"{name}: {code}" for name, code in parts)))
    if told.why:
        lines.append(f"Why: {'; '.join(told.why)}.")
    if told.earlier and told.counts is not None:
        lines.append(f"Progression counts already since {told.earlier}.")
    elif told.hold is not None:
        lines.append(f"{told.hold.words}.")
    elif told.counts and told.progression_date:
        lines.append(f"Progression counts from {told.progression_date.isoformat()}.")
    return lines


def _head(told: AssessmentTold, *, start: date | None) -> str:
    when = write_day(told.first_date, start=start)
    if told.last_date is not None and told.last_date != told.first_date:
        when += f" to {told.last_date.isoformat()}"
    if told.baseline:
        return f"Baseline, {when}"
    return f"{capital(told.label)}, {when}: {response_words(told.response)}"


def _parts(told: AssessmentTold) -> list[tuple[str, str]]:
    new = [each.lesion for each in told.new_lesions if each.counts]
    return [
        ("target", told.target_response),
        ("non-target", told.non_target_response),
        ("new lesion", ", ".join(new)),
    ]


def sum_words(told: AssessmentTold) -> str:
    """Sum, nadir before, and both changes: `sum 47.0 mm, +11.9 % from baseline ...`."""
    if told.sum_tenths_mm is None:
        return ""
    words = f"sum {write_mm(told.sum_tenths_mm)}"
    if told.from_baseline is not None:
        words += f", {write_change(told.from_baseline)} from baseline"
    if told.from_nadir is not None and told.nadir_label not in ("", "baseline"):
        nadir = f"{write_mm(told.nadir_tenths_mm)} of {told.nadir_label}"
        words += f", {write_change(told.from_nadir)} from the nadir before ({nadir})"
    return words


def lesion_lines(told: LesionTold) -> list[str]:
    """A lesion through time: its sizes against its own smallest, and its failure if any."""
    lines = [baseline_line(told)]
    for step in told.steps[1:] if told.steps and told.steps[0].label == "baseline" else told.steps:
        change = ""
        if step.from_nadir is not None:
            own = f"{write_change(step.from_nadir)} from its smallest before"
            change = f", {own} ({write_mm(step.nadir_tenths_mm)})"
        change += f"; {step.note}" if step.note else ""
        when = step.scan_date.isoformat() if step.scan_date else "no date"
        day = "" if step.day is None else f" (day {write_int(step.day)})"
        lines.append(f"{capital(step.label)}, {when}{day}: {step.words}{change}")
    if told.failure_date is not None:
        lines.append(f"Local failure on {told.failure_date.isoformat()}: {told.failure}")
    elif told.lesion.index:
        lines.append("No local failure")
    return lines


def ending_words(verdict: Verdict) -> str:
    """How a time ended: `event on 2024-12-11, day 254`."""
    if verdict.end_date is None:
        return verdict.ended
    return f"{verdict.ended} on {verdict.end_date.isoformat()}, day {verdict.days}"


def origin_words(verdict: Verdict) -> str:
    """From when a time is counted."""
    when = verdict.start_date.isoformat() if verdict.start_date else "no date"
    return f"counted from {verdict.origin}, {when}"


def clock_words(told: OccurrenceTold) -> str:
    """From when the windows of an occurrence endpoint are counted."""
    if told.origin_date is None:
        return f"The clock never starts: no {told.origin}."
    return f"Day 1 is {told.origin_date.isoformat()}: {told.origin}."


def event_words(event: EventTold) -> str:
    """An adverse event that the endpoint's sources let through, and where it counts."""
    day = "no clock" if event.day is None else f"day {write_int(event.day)}"
    emergent = "" if event.treatment_emergent is not False else "; not treatment-emergent"
    counts = f"counts in {count_of(len(event.windows), one='window')}"
    where = f"{counts}: {', '.join(event.windows)}" if event.windows else "counts in no window"
    return f"{event.term}, grade {event.grade}, {event.words} ({day}){emergent}; {where}"


def window_line(window: WindowTold) -> str:
    """A window and whether anything counts in it."""
    return f"{capital(window.label)} ({window.role}): {window.words}"


def main_window(told: OccurrenceTold) -> WindowTold | None:
    """The primary window of an occurrence endpoint, else its first; None when it has none."""
    first = next(iter(told.windows), None)
    return next((window for window in told.windows if window.role == "primary"), first)
