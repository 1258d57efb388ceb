"""Rules about events: does an outcome wait for what its name says?"""

import re
from collections.abc import Iterator

from equipoise.interop.registry_record_kinds import KINDS, EndpointKind, EventWord, list_events
from equipoise.interop.registry_record_outcome import OutcomeReading, RecordReading
from equipoise.interop.registry_record_time import plain_words
from equipoise.vocab.finding import Finding

_MUST_NAME: dict[EndpointKind, frozenset[EventWord]] = {
    EndpointKind.OVERALL_SURVIVAL: frozenset({EventWord.DEATH}),
    EndpointKind.PROGRESSION_FREE_SURVIVAL: frozenset({EventWord.PROGRESSION}),
    EndpointKind.TIME_TO_PROGRESSION: frozenset({EventWord.PROGRESSION}),
    EndpointKind.METASTASIS_FREE_SURVIVAL: frozenset({EventWord.METASTASIS}),
    EndpointKind.DISEASE_FREE_SURVIVAL: frozenset(
        {EventWord.RECURRENCE, EventWord.PROGRESSION, EventWord.METASTASIS}
    ),
    EndpointKind.LOCAL_CONTROL: frozenset({EventWord.RECURRENCE, EventWord.PROGRESSION}),
}
_DEFINES = re.compile(
    r"\bfirst (?:documented|occurrence|recorded|adjudicated|confirmed)|\btime (?:from|to)\b"
)
_DEFINITION = re.compile(
    r"(?:\b(?:time|interval)\b[^.;]*?\b(?:from|to|until|between)\b|\bdefined as\b|\buntil\b)[^.;]*"
)
_OR_DEATH = re.compile(
    r"\b(?:to|until) (?:the |first )?(?P<other>[a-z][^,;.\d]*?) or (?:to |until )?(?:death|dying)\b"
)
_NO_EVENT = re.compile(
    r"\b(?:last|follow|contact|censor|lost|loss|end|clos|withdr|cut|discharge|alive|study|trial)"
)
_ASIDE = re.compile(r"\bcensor|\bcompeting")


def check_time_frame_events(reading: RecordReading) -> Iterator[Finding]:
    """Outcomes whose time frame waits for the event of another endpoint."""
    for outcome in reading.outcomes:
        frame = outcome.outcome.time_frame
        if _waits(outcome) or _DEFINES.search(plain_words(frame)):
            yield from _compare_events(
                outcome,
                named=list_events(frame),
                code="outcome-time-frame-words-another-endpoint",
                quoted=frame,
            )
            yield from _find_unknown_event(outcome, frame)


def check_definition_events(reading: RecordReading) -> Iterator[Finding]:
    """Outcomes whose description defines another endpoint than their measure names."""
    for outcome in reading.outcomes:
        description = outcome.outcome.description
        definition = _DEFINITION.search(plain_words(description))
        if definition is not None and outcome.kind in _MUST_NAME:
            yield from _compare_events(
                outcome,
                named=list_events(definition.group()),
                code="outcome-definition-words-another-endpoint",
                quoted=description,
            )


def _find_unknown_event(outcome: OutcomeReading, frame: str) -> Iterator[Finding]:
    """Survival that is said to end at an event of no known kind, or at death."""
    match = _OR_DEATH.search(plain_words(frame))
    if outcome.kind is not EndpointKind.OVERALL_SURVIVAL or match is None:
        return
    other = match.group("other")
    if not list_events(other) and not _NO_EVENT.search(other):
        yield _stranger(
            outcome,
            code="outcome-time-frame-words-another-endpoint",
            quoted=frame,
            words=other,
            wanted=frozenset({EventWord.DEATH}),
        )


def _waits(outcome: OutcomeReading) -> bool:
    words = KINDS.get(outcome.kind)
    return words is not None and words.events is not None


def _own_events(outcome: OutcomeReading) -> frozenset[EventWord] | None:
    """The events that belong to the outcome; None when its words do not tell."""
    words = KINDS.get(outcome.kind)
    if words is None or outcome.kind is EndpointKind.RESPONSE:
        return None
    if words.events is None:
        return frozenset()
    if outcome.kind in _MUST_NAME:
        return words.events
    named = list_events(f"{outcome.outcome.measure}; {outcome.outcome.description}")
    return named | {EventWord.DEATH} if named else None


def _compare_events(
    outcome: OutcomeReading, *, named: frozenset[EventWord], code: str, quoted: str
) -> Iterator[Finding]:
    own = _own_events(outcome)
    if own is None or not named:
        return
    if _ASIDE.search(plain_words(quoted)) or outcome.kind is EndpointKind.LOCAL_CONTROL:
        named = named - {EventWord.DEATH}
    strange = named - own
    wanted = _MUST_NAME.get(outcome.kind, named)
    if strange or (named and not named & wanted):
        yield _stranger(outcome, code=code, quoted=quoted, words=_words(named), wanted=own & wanted)


def _stranger(
    outcome: OutcomeReading,
    *,
    code: str,
    quoted: str,
    words: str,
    wanted: frozenset[EventWord],
) -> Finding:
    kind = outcome.kind.value
    event = _words(wanted) or "its own event, if it waits for one"
    return Finding(
        where=outcome.where,
        code=code,
        message=f"The outcome is {kind}, but its text waits for {words}.",
        found=quoted,
        mend=(
            f"Count for {kind} only {event}, from randomisation; keep the literal text as registry "
            "text and print the deviation in the report."
        ),
    )


def _words(events: frozenset[EventWord]) -> str:
    return " or ".join(sorted(event.value for event in events))
