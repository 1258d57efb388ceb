"""The two arms that a record compares, read from its title, its prose or its outcomes."""

import re
from dataclasses import dataclass

from equipoise.interop.registry_record import RegistryRecord
from equipoise.interop.registry_record_time import plain_words
from equipoise.interop.registry_record_treatments import (
    PASSIVE,
    has_treatment,
    list_treatments,
)

_PLUS = re.compile(
    r"\b(?:in addition to|in combination with|combined with|together with|added to|on top of"
    r"|as an adjunct to|followed by|preceded by|along with)\b",
    re.IGNORECASE,
)
_AGAINST = r"(?:versus|vs\.?|v\.?|(?:as )?compared (?:with|to)|in comparison (?:with|to)|against)"
_PATTERNS = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), shape)
    for pattern, shape in (
        (r"\bbetween (?:the )?(.+? (?:group|arm)) and (?:the )?(.+?(?:group|arm))\b", "pair"),
        (rf"^(.+?)[\s,]+{_AGAINST}[\s,]+(.+)$", "pair"),
        (r"^(.+?),? (?:with(?: or |/| and | and/or )without|\+/-|±) (.+)$", "with or without"),
        (r"\b(?:addition of|adding|adds?|incorporating) (.+?) (?:to|into) (.+)$", "addition"),
        (
            (
                r"\b(?:randomi[sz]ed|assigned|allocated|randomly)\b.*?\b(?:to|between)\b"
                r"(?: either)?(?: receive| undergo)? (.+?) (?:or|and) (.+)$"
            ),
            "pair",
        ),
        (r"^(.+?) or ((?:placebo|sham|observation|usual care|no )\b.*)$", "pair"),
        (r"\bplacebo[\s-]controlled\b.*?\b(?:of|with) (.+)$", "placebo"),
    )
)
_LEAD_IN = re.compile(
    r"^.*\b(?:trial of|study of|comparison of|comparing|compares?|evaluat\w+|effects? of"
    r"|efficacy of"
    r"|safety of|whether|if|role of|investigat\w+|assess\w*|test\w*)\s+(?:the )?",
    re.IGNORECASE | re.DOTALL,
)
_TAIL = re.compile(
    r"\s(?:in|for|among|on|after|following|as|with respect|improves?|is|are|was|were|contributes?"
    r"|reduces?|increases?|prolongs?|leads?|results?|can|will|would|has|have|during|before|to"
    r"|and its"
    r"|at|by|from|over)\s.*$|[,;.:?(].*$",
    re.IGNORECASE | re.DOTALL,
)
_REFERENCE_HINT = re.compile(
    r"\b(?:alone|only|placebo|sham|standard|usual|conventional|observation|surveillance|control"
    r"|no |without|deferred|delayed|watchful|supportive|conservative|routine|best medical)",
    re.IGNORECASE,
)
_VAGUE_WORDS = frozenset(
    (
        "first last date start completion dose therapy treatment cause group patient participant "
        "study care disease initiation end begin each final full whole time point visit trial with "
        "diagnosis from after that which alone plus versus only any and the for patients "
        "participants group groups arm arms"
    ).split()
)
_BOTH = re.compile(
    r"\b(?:both (?:arms|groups|treatment arms|study arms|treatment groups)|(?:all|every|each)"
    r"(?: the)?(?: enrolled| randomi[sz]ed| eligible| study)? (?:patients?|participants?"
    r"|subjects?|arms?|groups?)"
    r"|(?:patients|participants|subjects) in (?:both|either|each)(?: \w+)? (?:arms?|groups?))"
    r"(?: will| shall| must| are to)?(?: also| additionally| first| then)?"
    r" (?:receiv\w+|underg\w+|get|gets|given|are given|be given|be treated with|treated with"
    r"|are treated with|have|had|start|starts|complete|completes|be irradiated)\b"
    r"(?P<what>[^.;]*?)(?=[.;]|, while| while |, and (?:the|those|patients|participants)|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmReading:
    """An arm as the record words it, and the treatments it is known to have."""

    label: str
    treatments: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The arm that is compared with, and the arm under test."""

    reference: ArmReading
    experimental: ArmReading


def read_comparison(record: RegistryRecord) -> Comparison | None:
    """The two arms of the record; None when no sentence sets one treatment against another."""
    outcomes = [outcome.description for outcome in (*record.primary, *record.secondary)]
    texts = (record.title, *outcomes, record.summary, record.description)
    found = [pair for text in texts for sentence in _sentences(text) if (pair := _pair(sentence))]
    found = [pair for pair in found if _has_known(pair)] or found[:1]
    if not found:
        return None
    telling = [pair for pair in found if pair.reference.treatments != pair.experimental.treatments]
    chosen = (telling or found)[0]
    shared = _list_shared(record.prose)
    return Comparison(
        reference=_with(chosen.reference, shared), experimental=_with(chosen.experimental, shared)
    )


def arm_has(arm: ArmReading, *, wanted: str) -> bool:
    """Whether a subject of the arm is known to have the treatment; a placebo mimics any drug."""
    return "placebo" in arm.treatments or has_treatment(arm.treatments, wanted=wanted)


def _has_known(pair: Comparison) -> bool:
    return bool(pair.reference.treatments or pair.experimental.treatments)


def _sentences(text: str) -> list[str]:
    protected = re.sub(r"\b(vs|v)\.", r"\1", text)
    return [part for part in re.split(r"(?<=[.;!?])\s+", protected) if part.strip()]


def _pair(sentence: str) -> Comparison | None:
    """The arms that one sentence sets against each other."""
    joined = _PLUS.sub("plus", sentence)
    for pattern, shape in _PATTERNS:
        match = pattern.search(joined)
        if match is None:
            continue
        pair = _build_pair(shape, match)
        if pair is not None:
            return pair
    return None


def _build_pair(shape: str, match: re.Match[str]) -> Comparison | None:
    if shape == "placebo":
        drug = _read_side(match.group(1))
        return _comparison(reference=_arm("placebo", drug.treatments | {"placebo"}), other=drug)
    first, second = _read_lead(match.group(1)), _read_side(match.group(2))
    if shape == "with or without":
        return _comparison(reference=first, other=_joined(first, second))
    if shape == "addition":
        return _comparison(reference=second, other=_joined(second, first))
    first, second = _share_head(first, second)
    if _is_reference(first, second):
        return _comparison(reference=first, other=second)
    return _comparison(reference=second, other=first)


def _comparison(*, reference: ArmReading, other: ArmReading) -> Comparison | None:
    if not other.label or not reference.label or "baseline" in reference.label.casefold():
        return None
    return Comparison(reference=reference, experimental=other)


def _arm(label: str, treatments: frozenset[str]) -> ArmReading:
    return ArmReading(label=label, treatments=treatments)


def _read_lead(text: str) -> ArmReading:
    """The side before the "versus", without what leads in to it ("Name: effect of ...")."""
    return _read_side(_LEAD_IN.sub("", re.sub(r"^.*:\s", "", text, flags=re.DOTALL)))


def _read_side(text: str) -> ArmReading:
    """One side of a comparison without what trails it."""
    side = _TAIL.sub("", f" {text}").strip(" ,.;:-")
    side = re.sub(r"^(?:receive|undergo|an?|the|either)\s+", "", side, flags=re.IGNORECASE)
    side = re.sub(r"\s+(?:group|arm)$", "", side, flags=re.IGNORECASE)
    return _arm(side, list_treatments(side))


def _share_head(first: ArmReading, second: ArmReading) -> tuple[ArmReading, ArmReading]:
    """In "short versus long radiotherapy" the first side borrows the noun of the second."""
    lent = second.treatments - PASSIVE
    if first.treatments or not lent or len(first.label.split()) > 3:
        return first, second
    return _arm(first.label, lent), second


def _is_reference(first: ArmReading, second: ArmReading) -> bool:
    """Whether the first of two arms is the one compared with."""
    hints = [bool(_REFERENCE_HINT.search(f" {arm.label} ")) for arm in (first, second)]
    if hints[0] != hints[1]:
        return hints[0]
    return first.treatments < second.treatments


def _joined(backbone: ArmReading, added: ArmReading) -> ArmReading:
    return _arm(f"{backbone.label} plus {added.label}", backbone.treatments | added.treatments)


def _list_shared(prose: str) -> frozenset[str]:
    """The treatments that the record says both arms receive."""
    return frozenset().union(*(list_treatments(m.group("what")) for m in _BOTH.finditer(prose)))


def _with(arm: ArmReading, shared: frozenset[str]) -> ArmReading:
    return _arm(arm.label, arm.treatments | shared)


def list_distinct_stems(label: str, *, other: str) -> frozenset[str]:
    """Beginnings of the words that `label` has and `other` has not, common trial words left out."""
    return list_stems(label) - list_stems(other)


def list_stems(text: str) -> frozenset[str]:
    """Beginnings of the telling words of a text, so that inflections meet."""
    words = re.findall(r"[a-z][a-z0-9-]{2,}", plain_words(text))
    return frozenset(word[:6] for word in words if word not in _VAGUE_WORDS)
