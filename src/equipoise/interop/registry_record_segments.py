"""An outcome taken apart: measure, description and time frame, which may hold commas themselves."""

import re
from dataclasses import dataclass

from equipoise.interop.registry_record_time import plain_words

_DURATION = r"\d+(?:\.\d+)?\s*-?\s*(?:hours?|hrs?|days?|weeks?|wks?|months?|mos?|years?|yrs?)\b"
_VISIT = r"\b(?:day|week|month|year|cycle|visit)s?\s*\d+"
_OCCASION = (
    r"\bbaseline\b|\bdischarge\b|\bhospital(?:i[sz]ation| stay)?\b|\bstudy completion\b"
    r"|\bend of (?:study|treatment|trial|follow-?up|therapy)\b|\bfollow-?up\b|\bintra-?operative"
    r"|\bpost-?operative|\bsurgery\b|\bdate of\b|\brandomi[sz]ation\b|\bprogression\b|\bdeath\b"
    r"|^from\b.*\b(?:until|to)\b|\btime of\b|\bduring\b|\bafter\b|\bcompletion\b"
)
_TIMED = re.compile(f"{_DURATION}|{_VISIT}")
_STARTS_AS_TIME = re.compile(
    r"^(?:(?:and|or|then|approximately|about|an estimated|at least|assessed|measured|evaluated"
    r"|recorded|collected|the)\s+)*"
    r"(?:from|up to|at|within|through(?:out)?|until|till|till|during|every|between|before|after"
    r"|over|for|on|by|since|beyond|starting|beginning|baseline|pre-?|post-?|intra-?|perioperative"
    r"|(?:day|week|month|year|cycle|visit)s? ?\d|first|>|<|≥|≤|\d|an average"
    r"|immediately|end of|completion of|date of|time of|follow-?up|whichever|assessed|maximum|in)"
)
_CONTINUES = re.compile(
    r"^(?:and\b|or\b|whichever|assessed|an average|on average|approximately|about|up to|then\b"
    r"|until|through|every|followed|evaluated|measured|expected|average|estimated|with a|maximum"
    r"|\d|day|week|month|year|at (?:\d|week|month|day|year|baseline|the end))"
)
_PROSE = re.compile(
    r"^(?:time (?:from|between|to)|defined|measured (?:by|with|using)|assessed (?:by|with|using"
    r"|acc)"
    r"|evaluated (?:by|with|using)|compare|the (?:time|proportion|number|percentage|rate"
    r"|difference)"
    r"|in (?:both|each|the|all|patients|participants)|for (?:both|each|all)|on (?:a|the|imaging|ct)"
    r"|at (?:the )?(?:patient|lesion)|by (?!\d)|with (?!a (?:min|max|med))|per )"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An outcome of a registry record: the whole text and its three parts."""

    text: str
    measure: str
    description: str
    time_frame: str


def is_timed(text: str) -> bool:
    """Whether a block ends as a list of outcomes does: with a time, and not as a sentence."""
    last = re.split(r"[,|]", text)[-1]
    return _weight(last) == 2 and not text.endswith(".")


def read_outcome(text: str) -> Outcome:
    """The outcome that `text` ("measure, description, time frame") words.

    The time frame is the last run of parts that read as a time; what stands between the measure
    and it is the description. Without a part that reads as a time the time frame is empty.
    """
    parts = _split_commas(text)
    start = _time_frame_start(parts)
    return Outcome(
        text=text,
        measure=parts[0],
        description=", ".join(parts[1:start]),
        time_frame=", ".join(parts[start:]),
    )


def _split_commas(text: str) -> list[str]:
    """The parts between commas that stand outside brackets and outside a number."""
    parts = [""]
    depth = 0
    for index, character in enumerate(text):
        depth = max(0, depth + (character in "([") - (character in ")]"))
        inside_number = text[index - 1 : index].isdigit() and text[index + 1 : index + 2].isdigit()
        if character == "," and not depth and not inside_number:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()] or [text.strip()]


def _weight(part: str) -> int:
    """How much a part reads as a time: 2 it begins as one, 1 it holds one, 0 neither."""
    plain = plain_words(part)
    holds = bool(_TIMED.search(plain) or re.search(_OCCASION, plain))
    if not holds and not _CONTINUES.match(plain):
        return 0
    return 2 if _STARTS_AS_TIME.match(plain) and not _PROSE.match(plain) else 1


def _time_frame_start(parts: list[str]) -> int:
    """Index of the first part of the time frame; `len(parts)` when there is none."""
    timed = [index for index in range(1, len(parts)) if _weight(parts[index]) == 2]
    loose = [len(parts) - 1] if len(parts) > 1 and _weight(parts[-1]) == 1 else []
    candidates = timed or loose
    if not candidates:
        return len(parts)
    start = candidates[-1]
    while start > 1 and _weight(parts[start - 1]) == 2 and _joins(parts[start]):
        start -= 1
    return start


def _joins(part: str) -> bool:
    """Whether a part goes on with the time that the part before it began."""
    return bool(_CONTINUES.match(plain_words(part)))
