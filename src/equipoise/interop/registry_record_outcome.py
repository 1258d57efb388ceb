"""An outcome read: kind, milestone, clock, window, grade, unit and who is compared."""

import re
from dataclasses import dataclass
from enum import Enum

from equipoise.interop.registry_record import RegistryRecord
from equipoise.interop.registry_record_arms import Comparison, read_comparison
from equipoise.interop.registry_record_kinds import EndpointKind, read_kind
from equipoise.interop.registry_record_origins import Origin, list_origins
from equipoise.interop.registry_record_segments import Outcome
from equipoise.interop.registry_record_time import (
    TimeWindow,
    plain_words,
    read_milestone_days,
    read_window,
)


class Phase(Enum):
    """Which part of the course of an adverse event an outcome asks for."""

    ACUTE = "acute"
    LATE = "late"
    ANY = "any time"


class Grading(Enum):
    """How an outcome about adverse events names its grade."""

    NONE = "no grade named"
    EXACT = "one grade, nothing said of higher ones"
    SPAN = "a threshold or a list of grades"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReading:
    """What an outcome of the record says, as far as its words go.

    `unit` is "subject", "site" or empty when the text leaves it open.
    """

    role: str
    number: int
    outcome: Outcome
    kind: EndpointKind
    milestone_days: float | None
    origins: tuple[Origin, ...]
    window: TimeWindow | None
    phase: Phase
    grading: Grading
    unit: str
    is_compared: bool

    @property
    def where(self) -> str:
        """The place of the outcome in the record."""
        return f"{self.role} outcome {self.number} ({self.outcome.measure})"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordReading:
    """A record with its outcomes and its comparison read."""

    record: RegistryRecord
    outcomes: tuple[OutcomeReading, ...]
    comparison: Comparison | None


_ACUTE = re.compile(
    r"\bacute\b(?! (?:coronary|myocardial|kidney|ischemic|ischaemic|stroke|respiratory|leuk|lymph"
    r"|heart|exacerb|pancrea))|\bearly\b|peri-?operative|post-?operative|peri-?procedural"
    r"|treatment[\s-]emergent|immediate|\bin-?hospital|infusion|short[\s-]term|intra-?operative"
)
_LATE = re.compile(r"\blate\b|\bchronic\b(?! (?:kidney|heart|obstruct|pain))|long[\s-]term|delayed")
_LEVEL = r"(?:[1-5]|i{1,3}|iv|v)[ab]?"
_GRADE_WORD = r"\b(?:grades?|gr\.?|g)\s?-?"
_GRADE = re.compile(
    rf"{_GRADE_WORD}(?:[1-4]|i{{1,3}}|iv)[ab]?\b"
    r"(?!\s*(?:glioma|astrocyt|tumou?r|oligod|mening|histolog))"
)
_SPAN = re.compile(
    r"(?:>=?|≥|=>|⩾|≧|\bat least|\bminimum(?: of)?|\babove|\bexceeding|\bonly"
    r"|\bexactly)\s*(?:ctcae )?"
    rf"{_GRADE_WORD}{_LEVEL}\b"
    rf"|{_GRADE_WORD}(?:>=?|≥|=>|⩾|≧|<|≤|at least )\s*{_LEVEL}"
    rf"|{_GRADE_WORD}{_LEVEL}\s*\(?(?:-|to|/|and|or|,|through|&)\s*(?:and |or )?"
    rf"(?:{_GRADE_WORD})?(?:{_LEVEL}\b|higher|above|worse|more|greater|over|up|severe|beyond)"
    rf"|{_GRADE_WORD}{_LEVEL}\b[^.;]{{0,40}}\b(?:or|and) (?:higher|above|worse|more|greater|over)\b"
    rf"|{_GRADE_WORD}{_LEVEL}\s*(?:\+|plus\b|only|exactly|≥)"
    r"|\bgrade 5\b"
)
_PER_SUBJECT = re.compile(
    r"(?:number|proportion|percentage|percent|rate|fraction|incidence|share|count|%) (?:\w+ "
    r")?(?:of|in|among)"
    r" (?:\w+ ){0,2}(?:patients|participants|subjects|people|persons|women|men|adults|children)"
    r"|(?:per|by|at|on the|on a|each)[\s-](?:the[\s-])?(?:patient|participant|subject)"
    r"|(?:patient|participant|subject)[\s-](?:level|wise|based)|(?:patients|participants"
    r"|subjects) (?:with|who|free)"
    r"|time from|time to"
)
_PER_SITE = re.compile(
    r"(?:per|by|each|every)[\s-](?:\w+[\s-])?(?:lesion|site|metastas[ie]s|tumou?r|eye|tooth|limb"
    r"|graft|joint"
    r"|wound|ulcer|implant|vessel|segment|nodule|organ)"
    r"|(?:lesion|site|metastasis|tumou?r|eye|tooth|limb|graft|joint|wound|ulcer|implant"
    r"|vessel)[\s-]"
    r"(?:level|wise|based)"
    r"|(?:number|proportion|percentage|percent|fraction|share|%) of (?:\w+ ){0,3}(?:lesions"
    r"|sites|metastases"
    r"|tumou?rs|eyes|teeth|limbs|grafts|joints|wounds|ulcers|implants|vessels|nodules)"
    r"|(?:unit of analysis|analy[sz]ed (?:by|per)|counted (?:by|per))"
)
_COMPARED = re.compile(
    r"\bcompar|\bbetween|\bversus\b|\bvs\b|differen|in both|each arm|hazard ratio"
)
_NOT_COMPARED = re.compile(r"\bnot (?:be )?compared|without (?:a )?comparison|no comparison")
_ONE_ARM = re.compile(
    r"\b(?:in|within|for) (?:the )?(?:[\w+-]+ ){1,4}(?:arm|group)\b|\b(?:arm|group) only\b|only "
    r"in (?:the )?"
    r"|\b(?:in|of|for) (?:patients|participants|those|subjects)(?: \w+){0,3} (?:receiving"
    r"|treated with|who"
    r" receive[d]?|irradiated|allocated to|assigned to)\b|\bdescriptive(?:ly)?\b"
)


def read_record(record: RegistryRecord) -> RecordReading:
    """The record with every outcome read, primary ones first."""
    pairs = [("primary", n, one) for n, one in enumerate(record.primary, 1)]
    pairs += [("secondary", n, one) for n, one in enumerate(record.secondary, 1)]
    return RecordReading(
        record=record,
        outcomes=tuple(_read(role, number, outcome) for role, number, outcome in pairs),
        comparison=read_comparison(record),
    )


def _read(role: str, number: int, outcome: Outcome) -> OutcomeReading:
    what = plain_words(f"{outcome.measure}; {outcome.description}")
    return OutcomeReading(
        role=role,
        number=number,
        outcome=outcome,
        kind=read_kind(measure=outcome.measure, description=outcome.description),
        milestone_days=_milestone(outcome),
        origins=list_origins(outcome.time_frame),
        window=read_window(outcome.time_frame),
        phase=_phase(plain_words(outcome.measure)) or _phase(what) or Phase.ANY,
        grading=read_grading(f"{outcome.measure}, {outcome.description}"),
        unit=read_unit(what),
        is_compared=_is_compared(plain_words(outcome.text)),
    )


def read_grading(text: str) -> Grading:
    """Whether `text` names no grade, one grade as it stands, or a threshold or list of grades."""
    plain = plain_words(text)
    if _SPAN.search(plain):
        return Grading.SPAN
    return Grading.EXACT if _GRADE.search(plain) else Grading.NONE


def read_unit(text: str) -> str:
    """The unit of analysis that `text` names: "site", "subject" or, when open, empty."""
    plain = plain_words(text)
    if _PER_SITE.search(plain):
        return "site"
    return "subject" if _PER_SUBJECT.search(plain) else ""


def _is_compared(plain: str) -> bool:
    """Whether the arms are compared; in a randomised trial they are unless the text says not."""
    if _NOT_COMPARED.search(plain):
        return False
    return bool(_COMPARED.search(plain) or not _ONE_ARM.search(plain))


def _phase(plain: str) -> Phase | None:
    acute, late = _ACUTE.search(plain), _LATE.search(plain)
    if bool(acute) == bool(late):
        return None
    return Phase.ACUTE if acute else Phase.LATE


def _milestone(outcome: Outcome) -> float | None:
    """The time point of the measure, else of an "at ..." or "...-year" in the description."""
    named = read_milestone_days(outcome.measure)
    if named is not None:
        return named
    plain = plain_words(outcome.description)
    at = re.search(r"\bat (?:the )?(\d[\w.]*[\s-]\w+|(?:day|week|month|year) \d+)", plain)
    return read_milestone_days(at.group(1)) if at else None
