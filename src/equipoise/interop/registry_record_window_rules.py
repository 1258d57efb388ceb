"""Rules about windows: does the span of time cover the time at risk, and without a hole?"""

from collections.abc import Iterator

from equipoise.interop.registry_record_kinds import EndpointKind
from equipoise.interop.registry_record_outcome import OutcomeReading, Phase, RecordReading
from equipoise.interop.registry_record_time import TimeWindow, WindowShape, write_duration
from equipoise.vocab.finding import Finding

_EARLY_DAYS = 7.0
_TOLERANCE_DAYS = 14.0
_ENDLESS = float("inf")


def check_time_frame_present(reading: RecordReading) -> Iterator[Finding]:
    """Outcomes without any words of time."""
    for outcome in reading.outcomes:
        if not outcome.outcome.time_frame:
            yield Finding(
                where=outcome.where,
                code="time-frame-absent",
                message="The outcome has no part that reads as a time.",
                found=outcome.outcome.text,
                mend="Say from which event, and until when, each participant is followed for it.",
            )


def check_risk_period(reading: RecordReading) -> Iterator[Finding]:
    """Windows for early events that open after the time in which most of them happen."""
    safety = _list_safety(reading)
    for outcome, window in safety:
        is_span = window.shape in (WindowShape.RANGE, WindowShape.FROM)
        if not is_span or outcome.phase is Phase.LATE or window.start_days < _EARLY_DAYS:
            continue
        others = [one for other, one in safety if other is not outcome]
        if _covered_until(window.start_days, others):
            continue
        yield Finding(
            where=outcome.where,
            code="window-starts-after-risk-period",
            message=(
                f"The window opens {write_duration(window.start_days)} after its origin and misses "
                "the time before, in which such events are most frequent."
            ),
            found=outcome.outcome.time_frame,
            mend=(
                f"Count from day 1 of treatment to the end of the window ({_end_words(window)}); "
                "report the literal window as a table beside it."
            ),
        )


def check_window_gap(reading: RecordReading) -> Iterator[Finding]:
    """Adverse events that begin between two windows and would be counted in neither."""
    safety = sorted(_list_safety(reading), key=lambda pair: pair[1].start_days)
    end, before = 0.0, ""
    for outcome, window in safety:
        if before and window.start_days > end + _TOLERANCE_DAYS:
            yield Finding(
                where=outcome.where,
                code="window-gap",
                message=(
                    f"Events that begin between {write_duration(end)} (end of '{before}') and "
                    f"{write_duration(window.start_days)} are in neither window."
                ),
                found=outcome.outcome.time_frame,
                mend=(
                    "Report the months between as an intermediate window, and the cumulative "
                    "incidence at any time beside both."
                ),
            )
        if _end(window) > end or not before:
            end, before = _end(window), outcome.outcome.measure


def _list_safety(reading: RecordReading) -> list[tuple[OutcomeReading, TimeWindow]]:
    return [
        (outcome, outcome.window)
        for outcome in reading.outcomes
        if outcome.kind is EndpointKind.ADVERSE_EVENT and outcome.window is not None
    ]


def _covered_until(start_days: float, windows: list[TimeWindow]) -> bool:
    """Whether other windows open early and reach `start_days` without a hole."""
    reached = 0.0
    for window in sorted(windows, key=lambda one: one.start_days):
        if window.start_days <= reached + _TOLERANCE_DAYS:
            reached = max(reached, _end(window))
    return bool(windows) and reached + _TOLERANCE_DAYS >= start_days


def _end(window: TimeWindow) -> float:
    return _ENDLESS if window.end_days is None else window.end_days


def _end_words(window: TimeWindow) -> str:
    return "open" if window.end_days is None else write_duration(window.end_days)
