"""The adverse events of a subject, and in which window of which endpoint they count (D2.6)."""

from collections.abc import Iterable
from datetime import date

from equipoise.protocol.endpoint_model import Endpoint, Window
from equipoise.report.story.material import Material, Row
from equipoise.report.story.person import start_of
from equipoise.report.story.values import EventTold, OccurrenceTold, Person, WindowTold
from equipoise.report.story.words import code_words, join_names, study_day, write_int

_RELATED = (
    ("related_sbrt", "SBRT"),
    ("related_ici", "immunotherapy"),
    ("related_tki", "the tyrosine kinase inhibitor"),
)


def tell_events(material: Material, *, subject: str) -> tuple[EventTold, ...]:
    """Every adverse event that was entered, with its dates as entered."""
    start = start_of(material, subject=subject)
    told = []
    for row in material.entered("ae", subject=subject):
        onset, end = row["onset_earliest_date"], row["end_latest_date"]
        told.append(
            EventTold(
                term=row["term"] or "",
                grade=row["grade"],
                onset_date=onset,
                end_date=end,
                day=study_day(onset, start=start),
                treatment_emergent=None,
                windows=(),
                words=_event_words(material, row=row),
                entries=(row["entry"],),
            )
        )
    return tuple(sorted(told, key=lambda each: (each.onset_date or date.max, each.entries)))


def _event_words(material: Material, *, row: Row) -> str:
    """Dates as entered, seriousness, relation and outcome of an event, in one line."""
    words = [f"from {row['onset_date']}"] if row["onset_date"] else ["onset not entered"]
    if row["end_date"]:
        words.append(f"to {row['end_date']}")
    elif row["ongoing"]:
        words.append("ongoing")
    told = [" ".join(words), "serious" if row["serious"] else ""]
    for item, name in _RELATED:
        if row.get(item) not in (None, "none"):
            relation = code_words(material.protocol, form="ae", item=item, code=row[item])
            told.append(f"relation to {name}: {relation}")
    outcome = code_words(material.protocol, form="ae", item="outcome", code=row.get("outcome"))
    told.append(outcome)
    return ", ".join(word for word in told if word)


def tell_occurrences(
    material: Material, *, subject: str, person: Person
) -> tuple[OccurrenceTold, ...]:
    """Every occurrence endpoint: its events with the windows in which each counts."""
    return tuple(
        _tell(material, endpoint=endpoint, subject=subject, person=person)
        for endpoint in material.protocol.endpoint
        if endpoint.kind == "occurrence"
    )


def _tell(
    material: Material, *, endpoint: Endpoint, subject: str, person: Person
) -> OccurrenceTold:
    anchors = {anchor.id: anchor.label for anchor in material.protocol.anchor}
    origin = material.clocks.get(endpoint.id, {}).get(subject)
    rows = [
        row
        for row in material.rows("occurrences", subject=subject)
        if row["endpoint"] == endpoint.id
    ]
    last_day = _last_day(person, origin=origin) if origin else 0
    at_risk = [window for window in endpoint.window if origin and last_day >= window.from_day]
    events = tuple(_occurrence(material, row=row, windows=at_risk, origin=origin) for row in rows)
    label = anchors.get(endpoint.origin, endpoint.origin)
    return OccurrenceTold(
        endpoint=endpoint.id,
        endpoint_label=endpoint.label,
        role=endpoint.role,
        origin=_origin_words(endpoint, label=label, material=material, subject=subject),
        origin_date=origin,
        events=events,
        windows=tuple(
            _window(window, events=events, origin=origin, person=person, label=label)
            for window in endpoint.window
        ),
    )


def _origin_words(endpoint: Endpoint, *, label: str, material: Material, subject: str) -> str:
    """From what the clock is counted; in the reference arm it may be a stand-in (S9)."""
    row = material.rows("subjects", subject=subject)[0]
    if endpoint.reference_origin and row.get(f"{endpoint.origin}_date") is None:
        anchors = {anchor.id: anchor.label for anchor in material.protocol.anchor}
        stand_in = anchors.get(endpoint.reference_origin, endpoint.reference_origin)
        return f"{stand_in} plus the lag to the {label} in the other arm"
    return label


def _occurrence(
    material: Material, *, row: Row, windows: list[Window], origin: date | None
) -> EventTold:
    """An event with the windows in which it counts, of those that its subject lived to see."""
    entries = tuple(row["entries"] or ())
    entered = [e for e in material.entered("ae", subject=row["subject"]) if e["entry"] in entries]
    day = (row["onset_date"] - origin).days + 1 if origin else None
    end = (row["end_date"] - origin).days + 1 if origin and row["end_date"] else None
    counts = [
        window.label
        for window in windows
        if row["treatment_emergent"] is not False and falls_into(window, day=day, end_day=end)
    ]
    return EventTold(
        term=row["term"] or "",
        grade=row["grade"],
        onset_date=row["onset_date"],
        end_date=row["end_date"],
        day=day,
        treatment_emergent=row["treatment_emergent"],
        windows=tuple(counts),
        words="; then ".join(_event_words(material, row=each) for each in entered),
        entries=entries,
    )


def falls_into(window: Window, *, day: int | None, end_day: int | None) -> bool:
    """Whether an event counts in a window: it starts there, or goes on into it where that counts.

    `end_day` None: it goes on. Without a clock nothing counts.
    """
    if day is None:
        return False
    ongoing = day < window.from_day and (end_day is None or end_day >= window.from_day)
    starts = window.from_day <= day <= window.to_day
    return starts or (window.include_ongoing and ongoing)


def _window(
    window: Window,
    *,
    events: Iterable[EventTold],
    origin: date | None,
    person: Person,
    label: str,
) -> WindowTold:
    inside = [event for event in events if window.label in event.windows]
    counts: bool | None = bool(inside)
    if origin is None:
        counts, words = None, f"not in the analysis: no {label}, so the clock never starts"
    elif inside:
        names = [f"{event.term} grade {event.grade} (day {event.day})" for event in inside]
        words = f"counts: {join_names(names)}"
    else:
        counts, words = _nothing_inside(window, origin=origin, person=person)
    return WindowTold(
        window=window.id, label=window.label, role=window.role, counts=counts, words=words
    )


def _nothing_inside(window: Window, *, origin: date, person: Person) -> tuple[bool | None, str]:
    day = _last_day(person, origin=origin)
    what = "died" if person.death_date else "last known alive"
    if day < window.from_day:
        return None, f"not at risk: {what} on day {write_int(day)}, before the window opens"
    if day < window.to_day:
        return False, f"no event; {what} on day {write_int(day)}, before the window closes"
    return False, "no event"


def _last_day(person: Person, *, origin: date) -> int:
    """The day of the clock on which the subject died or was last known alive."""
    last = person.death_date or person.last_alive_date or origin
    return max((last - origin).days + 1, 1)
