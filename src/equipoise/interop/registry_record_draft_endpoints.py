"""The endpoints, analyses and data cuts of a draft protocol, from the outcomes as they were "
"read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from equipoise.interop.registry_record_arms import Comparison
from equipoise.interop.registry_record_kinds import EndpointKind
from equipoise.interop.registry_record_outcome import OutcomeReading, Phase, RecordReading
from equipoise.interop.registry_record_time import plain_words
from equipoise.interop.registry_record_toml import TomlValue, write_sources, write_table
from equipoise.vocab.partial_date import MONTH_DAYS

_DEATH = {"frame": "death", "date": "death_date", "words": "death from any cause"}
_CONTACT = {"frame": "contact", "date": "alive_date", "words": "last day known to be alive"}
_PROGRESSION = {"frame": "progression", "date": "progression_date", "words": "progression"}
_ASSESSED = {
    "frame": "assessments",
    "date": "last_date",
    "where": "adequate AND NOT baseline",
    "words": "last adequate tumour assessment",
}
_LESION_FAILURE = {"frame": "lesion_failure", "date": "failure_date", "words": "local failure"}
_LESION_SEEN = {
    "frame": "lesion_assessments",
    "date": "assessed_date",
    "where": "adequate",
    "words": "last imaging that judged the lesion",
}
Sources = dict[str, list[dict[str, str]]]
_SOURCES: dict[EndpointKind, Sources] = {
    EndpointKind.OVERALL_SURVIVAL: {"event": [_DEATH], "censor": [_CONTACT]},
    EndpointKind.PROGRESSION_FREE_SURVIVAL: {
        "event": [_PROGRESSION, _DEATH],
        "censor": [_ASSESSED],
    },
    EndpointKind.TIME_TO_PROGRESSION: {"event": [_PROGRESSION], "censor": [_ASSESSED]},
    EndpointKind.LOCAL_CONTROL: {
        "event": [_LESION_FAILURE],
        "competing": [_DEATH],
        "censor": [_LESION_SEEN],
    },
}
_WITH_DEATH = (EndpointKind.DISEASE_FREE_SURVIVAL, EndpointKind.METASTASIS_FREE_SURVIVAL)
_ALONE = (EndpointKind.CLINICAL_EVENT, EndpointKind.CAUSE_SPECIFIC_DEATH)
_SHORT = {
    EndpointKind.OVERALL_SURVIVAL: "os",
    EndpointKind.PROGRESSION_FREE_SURVIVAL: "pfs",
    EndpointKind.TIME_TO_PROGRESSION: "ttp",
    EndpointKind.LOCAL_CONTROL: "local_failure",
    EndpointKind.DISEASE_FREE_SURVIVAL: "dfs",
    EndpointKind.METASTASIS_FREE_SURVIVAL: "mfs",
    EndpointKind.CLINICAL_EVENT: "event",
    EndpointKind.CAUSE_SPECIFIC_DEATH: "cause_death",
    EndpointKind.ADVERSE_EVENT: "ae",
}
_PHASES = {Phase.ACUTE: "acute_ae", Phase.LATE: "late_ae", Phase.ANY: "ae"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftEndpoint:
    """An outcome with the endpoint drafted from it; `text` is empty where none can be drafted."""

    id: str
    reading: OutcomeReading
    text: str
    analysis: str
    frames: frozenset[str]
    horizon_months: float | None


def draft_endpoints(reading: RecordReading) -> tuple[DraftEndpoint, ...]:
    """A draft endpoint for each outcome, in the order of the record, with ids of their own."""
    taken: dict[str, int] = {}
    drafts = []
    for outcome in reading.outcomes:
        stem = _stem(outcome)
        taken[stem] = taken.get(stem, 0) + 1
        name = stem if taken[stem] == 1 else f"{stem}_{taken[stem]}"
        drafts.append(_draft(outcome, name, reading.comparison))
    return tuple(drafts)


def write_cuts(drafts: tuple[DraftEndpoint, ...]) -> str:
    """The data cuts that the horizons of the endpoints ask for: the primary one, and the "
    "longest."""
    drafted = [draft for draft in drafts if draft.text]
    primary = [
        d.horizon_months for d in drafted if d.reading.role == "primary" and d.horizon_months
    ]
    first = min(primary) if primary else None
    early = [d.id for d in drafted if d.horizon_months is None or d.horizon_months <= (first or 0)]
    late = [d.id for d in drafted if d.id not in early]
    longest = max((d.horizon_months or 0 for d in drafted), default=0)
    text = _cut("DC1", "Primary analysis", first, early) if early else ""
    return text + (_cut("DC2", "Longer follow-up", longest, late) if late else "")


def _cut(name: str, label: str, months: float | None, endpoints: list[str]) -> str:
    values: dict[str, TomlValue] = {
        "id": name,
        "label": label,
        "anchor": "last_randomised",
        "endpoint": endpoints,
        "provenance": "proposal: horizon of the registered outcomes",
    }
    if months is None:
        return write_table("[[cut]]", values=values, open_lines="plus_months = 12") + "\n"
    return write_table("[[cut]]", values=values | {"plus_months": _months(months)}) + "\n"


def _stem(outcome: OutcomeReading) -> str:
    if outcome.kind is EndpointKind.ADVERSE_EVENT:
        return _PHASES[outcome.phase]
    return _SHORT.get(outcome.kind, "outcome")


def _draft(outcome: OutcomeReading, name: str, comparison: Comparison | None) -> DraftEndpoint:
    sources = _sources(outcome, name)
    horizon = _horizon_months(outcome)
    text = _write_endpoint(outcome, name, sources, comparison) if sources else ""
    return DraftEndpoint(
        id=name,
        reading=outcome,
        text=text,
        analysis=_write_analysis(outcome, name, horizon) if sources else "",
        frames=_frames(sources),
        horizon_months=horizon,
    )


def _sources(outcome: OutcomeReading, name: str) -> Sources:
    """Where the dates of an outcome come from; empty for a kind that protocol text has not yet."""
    own = {
        "frame": "event",
        "date": "event_date",
        "where": f"outcome = '{name}'",
        "words": outcome.outcome.measure,
    }
    if outcome.kind in _SOURCES:
        return _SOURCES[outcome.kind]
    if outcome.kind in _WITH_DEATH:
        return {"event": [own, _DEATH], "censor": [_CONTACT]}
    if outcome.kind in _ALONE:
        return {"event": [own], "competing": [_DEATH], "censor": [_CONTACT]}
    if outcome.kind is EndpointKind.ADVERSE_EVENT:
        grade = _read_lowest_grade(outcome)
        words = f"adverse event of grade {grade} or higher" if grade > 1 else "adverse event"
        event = {"frame": "ae", "date": "onset_date", "where": f"grade >= {grade}", "words": words}
        return {"event": [event], "competing": [_DEATH]}
    return {}


def _frames(sources: Mapping[str, list[dict[str, str]]]) -> frozenset[str]:
    named = {source["frame"] for group in sources.values() for source in group}
    return frozenset(named | ({"treatment"} if "ae" in named else set()))


def _write_endpoint(
    outcome: OutcomeReading, name: str, sources: Sources, comparison: Comparison | None
) -> str:
    is_safety = outcome.kind is EndpointKind.ADVERSE_EVENT
    values: dict[str, TomlValue] = {
        "id": name,
        "label": outcome.outcome.measure,
        "role": outcome.role,
        "kind": "occurrence" if is_safety else "time_to_event",
        "grain": "lesion" if outcome.kind is EndpointKind.LOCAL_CONTROL else "subject",
        "origin": "first_treatment" if is_safety else "randomised",
        "registry_outcome": f"{outcome.role} {outcome.number}",
        "provenance": "registry",
    }
    horizon = _horizon_months(outcome)
    if horizon is not None and not is_safety:
        values["horizon_months"] = horizon
    text = write_table("[[endpoint]]", values=values)
    text += "".join(write_sources(key, sources=found) for key, found in sources.items())
    text += "".join(f"\n{window}" for window in _write_windows(outcome))
    return f"{text}\n{_write_estimand(outcome, comparison)}\n"


def _write_estimand(outcome: OutcomeReading, comparison: Comparison | None) -> str:
    arms = (
        f"{comparison.experimental.label} against {comparison.reference.label}"
        if comparison
        else "the arm under test against the comparator"
    )
    return write_table(
        "[endpoint.estimand]",
        values={
            "population": "All randomised participants",
            "treatments": arms,
            "variable": outcome.outcome.measure,
            "summary": outcome.outcome.description or outcome.kind.value,
        },
    )


def _write_windows(outcome: OutcomeReading) -> list[str]:
    """The windows of a safety outcome: from day 1 unless it is a late one, and the literal one."""
    window = outcome.window
    if outcome.kind is not EndpointKind.ADVERSE_EVENT:
        return []
    start = max(1, round(window.start_days)) if window else 1
    end = round(window.end_days) if window and window.end_days is not None else None
    if outcome.phase is Phase.LATE or start == 1:
        return [_write_window("primary", start, end, role="primary")]
    return [
        _write_window("primary", 1, end, role="primary"),
        _write_window("registry", start, end, role="registry"),
    ]


def _write_window(name: str, start: int, end: int | None, *, role: str) -> str:
    values: dict[str, TomlValue] = {"id": name, "from_day": start, "role": role}
    if end is None:
        values["label"] = f"from day {start}"
        return write_table(
            "[[endpoint.window]]", values=values, open_lines=f"to_day = {start + 365}"
        )
    values |= {"label": f"day {start} to {end}", "to_day": end}
    return write_table("[[endpoint.window]]", values=values)


def _write_analysis(outcome: OutcomeReading, name: str, horizon: float | None) -> str:
    values: dict[str, TomlValue] = {
        "id": f"{name}_analysis",
        "endpoint": name,
        "role": outcome.role,
        "provenance": "proposal",
    }
    if outcome.kind is EndpointKind.ADVERSE_EVENT:
        values |= {"method": "risk_difference", "window": "primary", "population": "safety"}
    elif outcome.kind is EndpointKind.LOCAL_CONTROL and horizon is not None:
        values |= {"method": "cumulative_incidence", "at_months": [horizon]}
    elif outcome.milestone_days is not None and horizon is not None:
        values |= {"method": "milestone", "at_months": [horizon]}
    else:
        values |= {"method": "logrank"}
    still_open = "alpha = 0.05" if (outcome.role, outcome.number) == ("primary", 1) else ""
    return write_table("[[analysis]]", values=values, open_lines=still_open) + "\n"


def _horizon_months(outcome: OutcomeReading) -> float | None:
    window = outcome.window
    days = outcome.milestone_days or (window.end_days if window else None)
    return None if days is None or days < 1 else _months(days / MONTH_DAYS)


def _months(months: float) -> float:
    nearest = round(months)
    return nearest if nearest and abs(months - nearest) < 0.06 else round(months, 2)


def _read_lowest_grade(outcome: OutcomeReading) -> int:
    plain = plain_words(f"{outcome.outcome.measure}; {outcome.outcome.description}")
    match = re.search(r"\b(?:grades?|gr\.?|g)\s?(?:>=?|≥|of )?\s*([1-5]|i{1,3}|iv|v)\b", plain)
    romans = {"i": 1, "ii": 2, "iii": 3, "iv": 4, "v": 5}
    if match is None:
        return 1
    return romans.get(match.group(1)) or int(match.group(1))
