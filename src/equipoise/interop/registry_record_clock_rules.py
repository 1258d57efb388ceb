"""Rules about clocks: does every subject of every arm have the event that starts the clock?"""

import re
from collections.abc import Iterator

from equipoise.interop.registry_record_arms import (
    ArmReading,
    Comparison,
    arm_has,
    list_stems,
)
from equipoise.interop.registry_record_kinds import EndpointKind
from equipoise.interop.registry_record_origins import Origin, OriginKind, list_origins
from equipoise.interop.registry_record_outcome import OutcomeReading, RecordReading
from equipoise.interop.registry_record_time import (
    WindowShape,
    list_durations,
    plain_words,
    write_duration,
)
from equipoise.interop.registry_record_treatments import LOCAL, PASSIVE
from equipoise.vocab.finding import Finding, Severity

_CUT_TOLERANCE_DAYS = 45.0
_SHARED_CLOCKS = (OriginKind.RANDOMISATION, OriginKind.ENROLMENT)
_LOOKS_AGAIN = re.compile(r"analys[ie]s|data cut|database lock|follow-?(?:up|ed)", re.IGNORECASE)
_RATE = re.compile(r"\brates?\b|proportion|probability|percentage|\bchange\b|fraction")
_ENTRY_OF_LAST = re.compile(r"enrol|accrual|recruit|inclusion|randomi|last|final patient|included")


def check_milestone_clock(reading: RecordReading) -> Iterator[Finding]:
    """Milestones whose time frame is counted from an event of the trial: a data-cut rule."""
    for outcome in reading.outcomes:
        trial = [one for one in outcome.origins if one.kind is OriginKind.TRIAL]
        own = [one for one in outcome.origins if one.kind is not OriginKind.TRIAL]
        named = plain_words(f"{outcome.outcome.measure}; {outcome.outcome.description}")
        has_milestone = outcome.milestone_days is not None or _RATE.search(named)
        if trial and not own and has_milestone:
            yield Finding(
                where=outcome.where,
                code="milestone-time-frame-is-a-data-cut-rule",
                message=(
                    f"The time frame counts from '{trial[0].words}', an event of the whole trial: "
                    "it says when to analyse, not the time point of a participant."
                ),
                found=outcome.outcome.time_frame,
                mend=(
                    "Take the milestone from each participant's randomisation, and the phrase as "
                    "the "
                    "rule of the data cut."
                ),
            )


def check_clock_in_both_arms(reading: RecordReading) -> Iterator[Finding]:
    """Comparisons that are clocked from an event which one arm never has."""
    comparison = reading.comparison
    for outcome in reading.outcomes:
        if comparison is None or not outcome.is_compared:
            continue
        if any(origin.kind in _SHARED_CLOCKS for origin in outcome.origins):
            continue
        for origin in outcome.origins:
            if _is_treatment_period(outcome, origin):
                continue
            without = _arm_without(origin, comparison)
            if without is not None:
                yield _missing_clock(outcome, origin=origin, arm=without)
                break


def check_origin_words(reading: RecordReading) -> Iterator[Finding]:
    """Spans counted from "treatment", where it is open which one, and its start or its end."""
    for outcome in reading.outcomes:
        vague = [one for one in outcome.origins if one.kind is OriginKind.TREATMENT]
        if vague and len(vague) == len(outcome.origins) and _matters(outcome, reading.comparison):
            yield Finding(
                where=outcome.where,
                code="window-origin-ambiguous",
                message=f"'{vague[0].words}' says neither which treatment, nor its start or end.",
                found=outcome.outcome.time_frame,
                mend=(
                    "Count from the first study treatment after randomisation, whichever it is; as "
                    "sensitivity, from the end of the treatment under test."
                ),
                severity=Severity.SOFT,
            )


def check_horizons(reading: RecordReading) -> Iterator[Finding]:
    """Outcomes that need longer follow-up than the data cut that the record names."""
    cuts = _list_cut_days(reading)
    if not cuts:
        return
    for outcome in reading.outcomes:
        end = outcome.window.end_days if outcome.window else None
        is_cut = any(one.kind is OriginKind.TRIAL for one in outcome.origins)
        if is_cut or end is None or end <= max(cuts) + _CUT_TOLERANCE_DAYS:
            continue
        yield Finding(
            where=outcome.where,
            code="horizons-need-separate-cuts",
            message=(
                f"The outcome needs {write_duration(end)} per participant; the record names a data "
                f"cut {write_duration(max(cuts))} after the end of enrolment and none later."
            ),
            found=outcome.outcome.time_frame,
            mend=(
                f"Plan a second data cut, at least {write_duration(end)} after the last "
                f"randomisation{_lag(outcome)}, for the outcomes with the longer horizon."
            ),
            severity=Severity.SOFT,
        )


def _is_treatment_period(outcome: OutcomeReading, origin: Origin) -> bool:
    """Safety "from the first dose" names a period at risk that any arm can be given."""
    return outcome.kind is EndpointKind.ADVERSE_EVENT and not origin.treatments - {"drug"}


def _arm_without(origin: Origin, comparison: Comparison) -> ArmReading | None:
    """The arm that never has the event of the clock while the other has it; else None."""
    arms = (comparison.reference, comparison.experimental)
    labels = [plain_words(arm.label) for arm in arms]
    has = [
        _has_clock(arm, origin, other) for arm, other in zip(arms, reversed(labels), strict=True)
    ]
    if has == [False, True]:
        return arms[0]
    return arms[1] if has == [True, False] else None


def _has_clock(arm: ArmReading, origin: Origin, other_label: str) -> bool | None:
    """Whether subjects of `arm` have the event that starts the clock; None when unknown."""
    if origin.treatments:
        named = any(arm_has(arm, wanted=one) for one in origin.treatments)
        return named or (False if arm.treatments else _shares_word(arm.label, origin.words))
    if origin.kind in (OriginKind.TREATMENT_START, OriginKind.TREATMENT_END):
        return bool(arm.treatments - {"observation"}) if arm.treatments else None
    if origin.kind is not OriginKind.EVENT:
        return None
    if _shares_word(arm.label, origin.words):
        return True
    known = bool(arm.treatments) and "placebo" not in arm.treatments
    return False if known and _shares_word(other_label, origin.words) else None


def _shares_word(label: str, words: str) -> bool:
    return bool(list_stems(label) & list_stems(words))


def _missing_clock(outcome: OutcomeReading, *, origin: Origin, arm: ArmReading) -> Finding:
    return Finding(
        where=outcome.where,
        code="comparison-clocked-from-event-one-arm-never-has",
        message=(
            f"The arms are compared from '{origin.words}', which subjects of the arm "
            f"'{arm.label}' never have."
        ),
        found=outcome.outcome.time_frame,
        mend=(
            "Compare from randomisation (for a late window: randomisation plus the planned or "
            "median "
            "time to that event in the other arm); keep the literal clock for that arm alone."
        ),
    )


def _matters(outcome: OutcomeReading, comparison: Comparison | None) -> bool:
    """Whether it makes a difference which treatment, and which end of it, is meant."""
    starts_later = (
        outcome.window is not None
        and outcome.window.shape in (WindowShape.RANGE, WindowShape.FROM)
        and outcome.window.start_days > 0
    )
    if starts_later or comparison is None:
        return starts_later
    courses = (comparison.reference.treatments | comparison.experimental.treatments) - PASSIVE
    lasting = courses - (LOCAL - {"radiotherapy"})
    mixed = len(courses) > 1 and bool(lasting)
    return mixed and outcome.kind in (EndpointKind.ADVERSE_EVENT, EndpointKind.LOCAL_CONTROL)


def _list_cut_days(reading: RecordReading) -> list[float]:
    """Days after the end of enrolment at which the record says that data are analysed."""
    frames = [outcome.outcome.time_frame for outcome in reading.outcomes]
    sentences = re.split(r"(?<=[.;])\s", reading.record.prose)
    named = [
        days
        for text in (*frames, *sentences)
        for origin in list_origins(text)
        if origin.kind is OriginKind.TRIAL and _ENTRY_OF_LAST.search(origin.words)
        for days in _before(text, origin.words)
    ]
    later = [days for one in sentences if _LOOKS_AGAIN.search(one) for days in list_durations(one)]
    return named + later if named else []


def _lag(outcome: OutcomeReading) -> str:
    """What the last participant needs beyond the horizon when the clock starts later."""
    starts_later = outcome.origins and outcome.origins[0].kind not in _SHARED_CLOCKS
    return " plus the time from there to the start of its clock" if starts_later else ""


def _before(text: str, words: str) -> tuple[float, ...]:
    """The last duration that `text` names before the words of the clock, as a tuple of one."""
    return list_durations(plain_words(text).split(words)[0])[-1:]
