"""What an outcome measures: its kind, and the events whose words belong to that kind."""

import re
from dataclasses import dataclass
from enum import Enum

from equipoise.interop.registry_record_time import plain_words


class EndpointKind(Enum):
    """A kind of endpoint; the value is how it is printed."""

    OVERALL_SURVIVAL = "overall survival"
    CAUSE_SPECIFIC_DEATH = "death from a named cause"
    PROGRESSION_FREE_SURVIVAL = "progression-free survival"
    DISEASE_FREE_SURVIVAL = "disease-free survival"
    METASTASIS_FREE_SURVIVAL = "metastasis-free survival"
    TIME_TO_PROGRESSION = "time to progression"
    LOCAL_CONTROL = "local control"
    RESPONSE_DURATION = "duration of response"
    PATHOLOGICAL_RESPONSE = "pathological response"
    RESPONSE = "response rate"
    CLINICAL_EVENT = "clinical event"
    ADVERSE_EVENT = "adverse events"
    QUALITY_OF_LIFE = "quality of life"
    FUNCTION = "function"
    MEASUREMENT = "measurement"
    OTHER = "other"


class EventWord(Enum):
    """An event that an outcome can wait for."""

    DEATH = "death"
    PROGRESSION = "progression"
    RECURRENCE = "recurrence"
    METASTASIS = "distant metastasis"
    HOSPITALISATION = "hospitalisation"
    STROKE = "stroke"
    INFARCTION = "myocardial infarction"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWords:
    """How a kind is worded, and which events its time may run to (None: it waits for none)."""

    pattern: re.Pattern[str]
    events: frozenset[EventWord] | None


def _kind(pattern: str, *events: EventWord, waits: bool = True) -> KindWords:
    return KindWords(pattern=re.compile(pattern), events=frozenset(events) if waits else None)


_D, _P, _R, _M = (
    EventWord.DEATH,
    EventWord.PROGRESSION,
    EventWord.RECURRENCE,
    EventWord.METASTASIS,
)
_H, _S, _I = EventWord.HOSPITALISATION, EventWord.STROKE, EventWord.INFARCTION

# The first pattern that is found names the kind, so the narrower stand before the wider.
KINDS: dict[EndpointKind, KindWords] = {
    EndpointKind.RESPONSE_DURATION: _kind(r"duration of (?:\w+ )?response|\bdor\b", _P, _D, _R),
    EndpointKind.PATHOLOGICAL_RESPONSE: _kind(
        r"patholog\w+ (?:complete )?(?:response|remission)|\bpcr\b|downstag", waits=False
    ),
    EndpointKind.METASTASIS_FREE_SURVIVAL: _kind(
        r"metastas[ie]s[\s-]?free|\bmfs\b|\bdmfs\b|distant (?:control|failure|metasta)", _M, _D, _R
    ),
    EndpointKind.TIME_TO_PROGRESSION: _kind(
        r"time to (?:\w+[\s-]){0,2}progression|\bttp\b", _P, _R
    ),
    EndpointKind.PROGRESSION_FREE_SURVIVAL: _kind(
        r"progression[\s-]?free|\br?pfs\d?\b|free of progression|freedom from progression",
        *(_P, _D, _R),
    ),
    EndpointKind.LOCAL_CONTROL: _kind(
        r"\b(?:loco[\s-]?regional|local|in-?field|lesion(?:al)?)[\s-](?:tumou?r |disease )?"
        r"(?:control|failure|recurrence|relapse|progression)|control of the (?:irradiated|treated)",
        _P,
        _R,
    ),
    EndpointKind.DISEASE_FREE_SURVIVAL: _kind(
        r"(?:disease|recurrence|relapse|event|failure|invasive disease)[\s-]?free"
        r"|\b[die]+fs\b|\brfs\b|\bbcr\b|biochemical|\b(?:tumou?r|cancer) recurrence",
        *(_P, _D, _R, _M),
    ),
    EndpointKind.CAUSE_SPECIFIC_DEATH: _kind(
        r"(?:cancer|disease|(?<!all[ -])cause|prostate|breast|lung|cardiovascular|cardiac"
        r"|stroke)[\w\s-]{0,20}"
        r"(?:specific|related)?[\s-]?(?:survival|mortality|death)(?! or)\b(?!,? .*hospital)",
        *(_D, _I, _S),
    ),
    EndpointKind.CLINICAL_EVENT: _kind(
        r"\bmace\b|stroke or |embolism|composite of|exacerbation|\bmacce\b|hospitali[sz]ation"
        r"|re-?admission|myocardial infarction"
        r"|recurrent (?:stroke|vte|event)|stroke recurrence|revasculari[sz]ation|\bfractures?\b"
        r"|cardiovascular (?:events?|death or)|(?:kidney|renal) (?:failure|events?)|relapse"
        r"|recurren(?:t|ce)|thromboemboli",
        *(_D, _H, _S, _I, _R, _P),
    ),
    EndpointKind.OVERALL_SURVIVAL: _kind(
        r"overall survival|\bos\b|all[\s-]cause (?:mortality|death)|death from any cause"
        r"|\b(?:1|2|3|5|10)[\s-]year survival|^mortality|\bmortality\b|^survival|patient survival"
        r"|survival (?:rate|time)|time to death",
        _D,
    ),
    EndpointKind.RESPONSE: _kind(
        r"objective response|overall response|response rate|\borr\b|tumou?r response|remission"
        r"|disease control rate|complete response|partial response|clinical benefit",
        waits=False,
    ),
    EndpointKind.ADVERSE_EVENT: _kind(
        r"adverse|toxicit|(?<!chain )\breactions?\b|reactogenic"
        r"|side[\s-]effect|complication|safety|ctcae|tolerab|bleeding"
        r"|h(?:a?)emorrhage"
        r"|hypoglyc|pneumonitis|neuropathy|dermatitis|cystitis|proctitis|mucositis|esophagitis"
        r"|neutropeni|infection|\bsaes?\b|\baes?\b|\bteaes?\b|injury|necrosis",
        waits=False,
    ),
    EndpointKind.QUALITY_OF_LIFE: _kind(
        r"quality[\s-]of[\s-]life|\bqol\b|\bhrqol\b|eq-?5d|qlq|fact-|fksi|sf-?(?:36|12)|kccq"
        r"|patient[\s-]reported|\bpros?\b|symptom",
        waits=False,
    ),
    EndpointKind.FUNCTION: _kind(
        r"rankin|\bmrs\b|functional (?:independence|outcome)|nihss|barthel|walk|disability|cognit"
        r"|continence|erectile",
        waits=False,
    ),
    EndpointKind.MEASUREMENT: _kind(
        r"hba1c|a1c|glyc|change (?:from|in)|blood pressure|cholesterol|\bldl\b|\begfr\b|weight"
        r"|level"
        r"|score|ejection fraction|\bfev1\b|concentration|volume|pain|bnp|\bpsa\b",
        waits=False,
    ),
}

EVENTS: dict[EventWord, re.Pattern[str]] = {
    EventWord.DEATH: re.compile(r"\bdeath\b|\bdied\b|\bdies\b|mortality"),
    EventWord.PROGRESSION: re.compile(r"\bprogression\b(?!-free| free)|\bprogressive disease\b"),
    EventWord.RECURRENCE: re.compile(r"\brecurrences?\b|\brelapses?\b"),
    EventWord.METASTASIS: re.compile(r"\bdistant metasta\w+|\bmetastasis\b(?!-free| free)"),
    EventWord.HOSPITALISATION: re.compile(r"\b(?:re-?)?hospitali[sz]ations?\b|\breadmissions?\b"),
    EventWord.STROKE: re.compile(r"\b(?:recurrent|first|new|fatal|nonfatal) stroke\b|or stroke\b"),
    EventWord.INFARCTION: re.compile(r"\bmyocardial infarction\b|\bcardiovascular event\b"),
    EventWord.RESPONSE: re.compile(r"\bfirst (?:documented )?response\b"),
}
_SET_ASIDE = re.compile(
    r"(?:regardless|irrespective|independent(?:ly)?) of (?:\w+ )*?(?=progression|relapse"
    r"|recurrence)"
    r"(?:progression|relapse|recurrence)"
    r"|(?:after|beyond|post|following|despite|without|before)[\s-](?:\w+ ){0,2}?"
    r"(?:progression|relapse|recurrence|hospitali[sz]ation|metasta\w+)"
)


def read_kind(*, measure: str, description: str) -> EndpointKind:
    """The kind of endpoint that the measure names; its description decides where it is silent."""
    for text in (measure, description):
        plain = plain_words(text)
        for kind, words in KINDS.items():
            if words.pattern.search(plain):
                return kind
    return EndpointKind.OTHER


def list_events(text: str) -> frozenset[EventWord]:
    """The events that `text` waits for; those it sets aside ("regardless of ...") are left out."""
    plain = _SET_ASIDE.sub(" ", plain_words(text))
    return frozenset(event for event, pattern in EVENTS.items() if pattern.search(plain))
