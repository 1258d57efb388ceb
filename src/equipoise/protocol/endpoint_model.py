"""Endpoints, analyses, populations and subgroups as frozen values: an endpoint is data."""

from enum import Enum
from typing import Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from equipoise.protocol.form_model import Frozen
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.methods.spec import MethodOptions, MethodSpec


class Source(Frozen):
    """Where a date comes from: a form or a derived frame, its date, a filter, the printed words.

    `frame` is a form of the protocol or one of `DERIVED_FRAMES`; `date` a date item of it; `where`
    a rule over its items (empty: every row).
    """

    frame: str
    date: str
    where: str = ""
    words: str
    rule: str = ""


class Pick(Enum):
    """Which of several dates counts."""

    FIRST = "first"
    LAST = "last"


class Anchor(Frozen):
    """A named date of a subject, or of each of its lesions, from which times are counted."""

    id: str
    label: str
    pick: Pick
    by_lesion: bool = False
    source: tuple[Source, ...] = Field(min_length=1)


class IntercurrentEvent(Frozen):
    """An event after randomisation that bears on the endpoint, and its strategy (ICH E9(R1)).

    With a `source` the first such event of each subject is derived; without, it is only told.
    """

    event: str
    strategy: Literal[
        "treatment_policy",
        "hypothetical",
        "composite",
        "while_on_treatment",
        "principal_stratum",
        "competing",
    ]
    detail: str = ""
    source: tuple[Source, ...] = ()


class Estimand(Frozen):
    """What is estimated, in the five attributes of ICH E9(R1)."""

    population: str
    treatments: str
    variable: str
    intercurrent: tuple[IntercurrentEvent, ...] = ()
    summary: str


class Convention(Frozen):
    """One way to turn the sources into a time: which events count and what censors (D2.3).

    `event`, `censor`, `switch` replace those of the endpoint when given. `new_therapy = "censor"`
    drops what comes after the first date of the `switch` sources (R7); `missed_assessments = k`
    censors an event after k or more consecutive missed assessments (R5, R6), 0 ignores them, and
    `missed_extra_days` widens the time allowed (2q + w to 2q + 2w); `no_baseline` says what happens
    without a baseline assessment (R1). `words` prints the rules. `based_on` names an earlier
    convention of the endpoint: what is not said is taken from it, its words included.
    """

    id: str
    label: str
    role: Literal["primary", "sensitivity"]
    event: tuple[Source, ...] = ()
    based_on: str = ""
    censor: tuple[Source, ...] = ()
    switch: tuple[Source, ...] = ()
    new_therapy: Literal["ignore", "censor"] = "ignore"
    missed_assessments: int = Field(default=0, ge=0)
    missed_extra_days: int = Field(default=0, ge=0)
    no_baseline: Literal["follow", "censor"] = "follow"
    words: dict[str, str] = Field(default_factory=dict)
    provenance: str = ""


class Window(Frozen):
    """Days from the origin (both ends in) in which an occurrence counts."""

    id: str
    label: str
    from_day: int
    to_day: int
    include_ongoing: bool = False
    role: Literal["primary", "sensitivity", "registry"]


class Endpoint(Frozen):
    """An endpoint: origin, event, competing and censoring sources, conventions, estimand.

    `kind = "time_to_event"` gives a time and a cause per subject or lesion; `kind = "occurrence"`
    asks whether an event of `event` starts (or goes on) in a window. `origin` names an anchor;
    `reference_origin` and `reference_offset_days` replace it in the reference arm where that arm
    never has the anchor (S9: None = the median lag seen in the experimental arm). `landmark_days`
    after the origin the clock starts, for those still followed and without event. Without a
    convention, `switch` sources end the follow-up of a unit.
    """

    id: str
    label: str
    role: Literal["primary", "secondary", "exploratory"]
    kind: Literal["time_to_event", "occurrence"] = "time_to_event"
    grain: Literal["subject", "lesion"] = "subject"
    origin: str
    reference_origin: str = ""
    reference_offset_days: int | None = None
    landmark_days: int = Field(default=0, ge=0)
    horizon_months: float | None = None
    registry_outcome: str = ""
    event: tuple[Source, ...] = Field(min_length=1)
    competing: tuple[Source, ...] = ()
    censor: tuple[Source, ...] = ()
    switch: tuple[Source, ...] = ()
    convention: tuple[Convention, ...] = ()
    window: tuple[Window, ...] = ()
    estimand: Estimand
    provenance: str = ""


class Population(Frozen):
    """A set of subjects: a rule over the derived `subjects` frame and `arm`, `allocated_arm`."""

    id: str
    label: str
    rule: str
    as_treated: bool = False
    words: str
    provenance: str = ""


_LATER_KEYS = ("covariates", "options", "once")


class Analysis(Frozen):
    """One planned analysis: endpoint, named method (`METHODS`), population, alpha.

    `options` are those of the method; `covariates` name strata, subgroups or baseline variables
    (`form__item`) for which it is adjusted. `once` leaves it out where many trials are rehearsed.
    """

    id: str
    endpoint: str
    method: str = Field(json_schema_extra={"enum": list(METHODS)})
    role: Literal["primary", "secondary", "supportive", "sensitivity", "descriptive"]
    convention: str = ""
    window: str = ""
    population: str = "itt"
    at_months: tuple[float, ...] = ()
    alpha: float = Field(default=0.0, ge=0, lt=1)
    stratified: bool = False
    covariates: tuple[str, ...] = ()
    options: dict[str, Any] = Field(default_factory=dict)
    arms: tuple[str, ...] = ()
    once: bool = False
    words: str = ""
    provenance: str = ""

    @property
    def spec(self) -> MethodSpec:
        """What the method is called and needs; KeyError for a name that is no method's."""
        return METHODS[self.method]

    @property
    def asked(self) -> MethodOptions:
        """The options as the method takes them; a checked plan has no others."""
        return self.spec.options.model_validate(self.options)

    @model_serializer(mode="wrap")
    def _dump_what_is_said(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """So that a key new to the program changes the fingerprint of no older protocol."""
        said: dict[str, Any] = dump(self)
        return {key: said[key] for key in said if said[key] or key not in _LATER_KEYS}


class SubgroupLevel(Frozen):
    """A level of a subgroup."""

    value: str
    label: str


class Subgroup(Frozen):
    """A pre-specified subgroup: a column of the derived `subjects` frame, with its levels."""

    id: str
    label: str
    form: str
    item: str
    level: tuple[SubgroupLevel, ...] = Field(min_length=2)
    provenance: str = ""


# Frames that `derive` makes and endpoint sources may name, with their date columns and the
# columns a filter may use. `derive/schemas.py` holds itself to this list (conformance test).
DERIVED_FRAMES: dict[str, dict[str, str]] = {
    # one row per tumour assessment of a subject
    "assessments": {
        "first_date": "date",
        "last_date": "date",
        "visit": "text",
        "adequate": "yes_no",
        "response": "code",
        "baseline": "yes_no",
    },
    # every documented RECIST 1.1 progression that counts, suspected index lesions held (R12)
    "progression": {
        "progression_date": "date",
        "pattern": "code",
        "new_lesion": "yes_no",
        "held": "yes_no",
    },
    # every RECIST 1.1 progression as it is first seen, nothing held
    "progression_unheld": {
        "progression_date": "date",
        "pattern": "code",
        "new_lesion": "yes_no",
        "held": "yes_no",
    },
    # every complete or partial response before progression and new therapy (D3.6)
    "response": {"response_date": "date", "response": "code", "confirmed": "yes_no"},
    # the same with R12 for irradiated lesions alone, which favours the arm that has them
    "progression_irradiated_held": {
        "progression_date": "date",
        "pattern": "code",
        "new_lesion": "yes_no",
        "held": "yes_no",
    },
    # the same with irradiated targets left out of the sum (D3.7)
    "progression_unirradiated": {
        "progression_date": "date",
        "pattern": "code",
        "new_lesion": "yes_no",
        "held": "yes_no",
    },
    # progression by new lesions outside irradiated volumes, or by lesions that are no index lesions
    "progression_distant": {
        "progression_date": "date",
        "pattern": "code",
        "new_lesion": "yes_no",
        "held": "yes_no",
    },
    # per subject: the iRECIST progression that counts, dated at its first iUPD
    "iprogression": {"progression_date": "date", "confirmed": "yes_no"},
    # per index lesion: local failure, dated at its first sign
    "lesion_failure": {"failure_date": "date", "kind": "code"},
    # per index lesion and assessment: imaging that could judge the lesion
    "lesion_assessments": {"assessed_date": "date", "visit": "text", "adequate": "yes_no"},
    # per lesion: each resection or ablation, after which nothing judges the lesion any more
    "lesion_removal": {"removal_date": "date", "type": "code"},
    # death with its date completed from its known parts (D2.2)
    "death": {"death_date": "date", "imputed": "yes_no", "completed": "text"},
    # the last day a subject is known to be alive, from every dated contact
    "contact": {"alive_date": "date"},
    # the systemic and local anticancer therapy that was not planned by the protocol (R7, R14, R15)
    "new_therapy": {"start_date": "date", "type": "code", "reason": "code"},
}

# Frames whose dates are those of the assessment at which something was first seen: it happened
# some time after the assessment before.
SEEN_AT_ASSESSMENTS = (
    "progression",
    "progression_unheld",
    "progression_irradiated_held",
    "progression_unirradiated",
    "progression_distant",
    "iprogression",
    "lesion_failure",
    "response",
)
