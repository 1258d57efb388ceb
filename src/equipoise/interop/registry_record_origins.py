"""The clock of a time frame: the event from which its time is counted."""

import re
from dataclasses import dataclass
from enum import Enum

from equipoise.interop.registry_record_time import plain_words
from equipoise.interop.registry_record_treatments import list_treatments


class OriginKind(Enum):
    """What starts the clock."""

    RANDOMISATION = "randomisation"
    ENROLMENT = "entry of the participant"
    TREATMENT_START = "start of treatment"
    TREATMENT_END = "end of treatment"
    TREATMENT = "treatment, start or end not said"
    NAMED_TREATMENT = "a named treatment"
    TRIAL = "an event of the whole trial"
    EVENT = "another event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What starts a clock, in the words of the record, with the treatments these words name."""

    kind: OriginKind
    words: str
    treatments: frozenset[str]


_ENTRY = r"(?:enrol\w*|accrual|recruit\w*|inclusion|randomi[sz]ation)"
_LAST_ONE = (
    r"(?:last|final)[\s-](?:\w+[\s-]){0,2}?(?:patient|participant|subject|woman|man|person|case)"
)
_TRIAL = re.compile(
    rf"(?:completion|end|close|closure|closing|finish\w*|complet\w+) of (?:the )?(?:\w+ )?{_ENTRY}"
    rf"|{_ENTRY} (?:is |was |has )?(?:been )?(?:complet\w+|clos\w+|ends?|ended|stop\w*|finish\w*)"
    rf"|{_ENTRY} of (?:the )?{_LAST_ONE}"
    rf"|{_LAST_ONE}(?:'s)?\s*(?:is |was |has |has been |to be |being )?(?:in\b|{_ENTRY}|enter\w+"
    rf"|includ\w+"
    r"|randomi[sz]\w+|visit|joins?|starts?|started|allocat\w+|registered|complet\w+|reach\w+"
    r"|finish\w*|followed)"
    r"|(?:study|trial) (?:completion|end|closure|close-?out|termination)\b|end of (?:the "
    r")?(?:study|trial)"
    r"|(?:interim|final|primary) analysis|data(?:base)? (?:lock|cut)|first patient"
    r"|(?:after|when|until|once) (?:the )?\d+ (?:\w+ )?(?:events|deaths)"
    r"|start of (?:the )?(?:study|trial|recruitment|enrol\w+)\b|full accrual"
)
_PHRASE = re.compile(
    r"\b(?:after|from|since|following|post)(?:[\s-]+(?:the|date of|time of|day of|their|its|each"
    r"|1st))*[\s-]+"
    r"(?!(?:the )?\d)(?P<what>[^,;()]+?)"
    r"(?=\s(?:until|till|up to|through|to (?:the |date |first |death|\d)|whichever|or date|and "
    r"up|in (?:both|each|all))"
    r"|[,;()]|$)"
)
_AFTER_SURGERY = re.compile(r"\bpost-?(?:operative(?:ly)?|surgery|surgical(?:ly)?)\b")
_ARTICLES = re.compile(r"\b(?:the|their|its|each|all|any cause)\b")
_START = re.compile(r"\b(?:start\w*|first|initiat\w+|begin\w*|commenc\w+|onset|day 1)\b")
_END = re.compile(
    r"\b(?:end|ends|ending|last|final|complet\w+|finish\w*|discontinu\w+|stop\w*|terminat\w+"
    r"|cessation|conclu\w+)\b"
)
_ENTERS = re.compile(
    r"\benrol\w*|\binclusion\b|\bregistration\b|\brecruit|\bstudy entry\b|\bconsent"
)
_TREATMENT = re.compile(
    r"\b(?:treatments?|therap(?:y|ies)|interventions?|dos(?:e|es|ing)|infusions?|injections?"
    r"|cycles?)\b"
)


def list_origins(time_frame: str) -> tuple[Origin, ...]:
    """Every event from which a time frame counts, in the order of the text."""
    plain = plain_words(time_frame)
    trial = [match.group() for match in _TRIAL.finditer(plain)]
    rest = _TRIAL.sub(";", plain)
    phrases = [match.group("what").strip() for match in _PHRASE.finditer(rest)]
    named = [phrase for phrase in phrases if re.search(r"[a-z]{3}", _ARTICLES.sub("", phrase))]
    named += [] if named else _AFTER_SURGERY.findall(rest)
    origins = [_classify(phrase) for phrase in named]
    whole = [Origin(kind=OriginKind.TRIAL, words=one, treatments=frozenset()) for one in trial]
    return (*origins, *whole)


def _classify(words: str) -> Origin:
    treatments = list_treatments(words) - {"standard care", "observation", "placebo"}
    return Origin(kind=_kind(words, treatments), words=words, treatments=treatments)


def _kind(words: str, treatments: frozenset[str]) -> OriginKind:
    if re.search(r"randomi[sz]|\ballocat", words):
        return OriginKind.RANDOMISATION
    if _ENTERS.search(words) or words == "baseline":
        return OriginKind.ENROLMENT
    if treatments - {"drug"}:
        return OriginKind.NAMED_TREATMENT
    if not (_TREATMENT.search(words) or treatments):
        return OriginKind.EVENT
    if _END.search(words):
        return OriginKind.TREATMENT_END
    return OriginKind.TREATMENT_START if _START.search(words) else OriginKind.TREATMENT
