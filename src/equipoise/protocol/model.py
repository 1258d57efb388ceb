"""The protocol: one frozen value that says what the trial is."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)

from equipoise.protocol.endpoint_model import Analysis, Anchor, Endpoint, Population, Subgroup
from equipoise.protocol.form_model import Form, Frozen
from equipoise.protocol.multiplicity_model import Multiplicity
from equipoise.protocol.randomisation_model import Randomisation
from equipoise.protocol.scenario_model import Operations, Scenario
from equipoise.protocol.toxicity_model import SpecialInterest, ToxicityRules

PROVENANCE_KINDS = ("seed_record", "registry", "literature", "computed", "proposal")
Provenance = Annotated[str, StringConstraints(pattern=rf"^({'|'.join(PROVENANCE_KINDS)})(: .+)?$")]
Rule = str


class Identity(Frozen):
    """Which trial this is."""

    id: str
    title: str
    acronym: str = ""
    phase: str
    sponsor: str = ""
    country: str = ""
    version: str
    version_date: date
    question: str
    provenance: dict[str, Provenance] = Field(default_factory=dict)


class RegistryText(Frozen):
    """The registry record, word for word."""

    title: str
    summary: str
    condition: tuple[str, ...]
    intervention: tuple[str, ...]
    primary_outcome: tuple[str, ...]
    secondary_outcome: tuple[str, ...]
    description: str


class RegistryFinding(Frozen):
    """An inconsistency of the registry record, and how this protocol resolves it."""

    code: str
    where: str
    message: str
    evidence: str = ""
    proposal: str = ""
    resolution: str = ""


class Registry(Frozen):
    """The public record of the trial and what was found in it."""

    id: str = ""
    text: RegistryText
    finding: tuple[RegistryFinding, ...] = ()


class Arm(Frozen):
    """A treatment arm; exactly one is the reference."""

    code: str
    label: str
    short: str
    role: Literal["reference", "experimental"]
    description: str
    provenance: Provenance


class Level(Frozen):
    """One level of a stratum, baseline variable or subgroup."""

    value: str
    label: str


class Stratum(Frozen):
    """A stratification factor: a derived item of a form, with its levels."""

    name: str
    label: str
    form: str
    item: str
    level: tuple[Level, ...] = Field(min_length=2)
    provenance: Provenance


class Criterion(Frozen):
    """An eligibility criterion; `met_when` is a rule over the randomisation form's reach."""

    id: str
    kind: Literal["inclusion", "exclusion"]
    text: str
    met_when: Rule
    provenance: Provenance


class Visit(Frozen):
    """A planned contact: its day after the origin (day 0), its window, and what is done.

    `origin` names another anchor than the schedule's, as for a visit so many weeks after SBRT;
    `arm` the arms that have the visit (none named: all).
    """

    code: str
    label: str
    day: int
    before_days: int = Field(ge=0)
    after_days: int = Field(ge=0)
    imaging: bool = False
    form: tuple[str, ...] = ()
    arm: tuple[str, ...] = ()
    origin: str = ""


class Schedule(Frozen):
    """The schedule of activities, counted from one origin in every arm.

    A form of `anytime` may be entered at any time, and is owed at no visit; the forms of
    `until_progression` are owed up to progression.
    """

    origin: str
    anytime: tuple[str, ...] = ()
    until_progression: tuple[str, ...] = ()
    visit: tuple[Visit, ...] = Field(min_length=1)
    provenance: Provenance

    @property
    def imaging_visits(self) -> tuple[Visit, ...]:
        """The scheduled tumour assessments after the origin, in order of day."""
        return tuple(sorted((v for v in self.visit if v.imaging and v.day > 0), key=_day))


def _day(visit: Visit) -> int:
    return visit.day


class CutRule(Frozen):
    """A data cut: so many months after an anchor of the whole trial."""

    id: str
    label: str
    anchor: Literal["last_randomised"]
    plus_months: float = Field(ge=0)
    endpoint: tuple[str, ...]
    provenance: Provenance


class Alternative(Frozen):
    """Another truth under which the power of the trial is told: a Weibull arm, a hazard ratio."""

    name: str
    label: str
    reference_median_months: float = Field(gt=0)
    shape: float = Field(default=1.0, gt=0)
    hazard_ratio: float = Field(gt=0)
    provenance: Provenance


class Design(Frozen):
    """The assumptions behind the size of the trial."""

    reference_rate: float = Field(gt=0, lt=1)
    experimental_rate: float = Field(gt=0, lt=1)
    milestone_months: float = Field(gt=0)
    alpha: float = Field(gt=0, lt=1)
    sides: Literal[1, 2]
    power: float = Field(gt=0, lt=1)
    dropout: float = Field(ge=0, lt=1)
    alternative: tuple[Alternative, ...] = ()
    provenance: Provenance


class BaselineVariable(Frozen):
    """A row of the baseline table: an item of a form of subject grain."""

    form: str
    item: str
    label: str = ""


class SbrtSchedule(Frozen):
    """A line of the prescription library: dose (`at_least`: or more) and fractions for a site."""

    site: str
    dose_gy: float = Field(gt=0)
    fractions: int = Field(gt=0)
    preferred: bool = False
    at_least: bool = False
    provenance: Provenance


class Radiotherapy(Frozen):
    """What SBRT the protocol asks for.

    Days from randomisation to the first and to the last fraction; days from the first to the last
    fraction of a lesion, both counted; hours between two fractions of a lesion; BED with
    alpha/beta 10 Gy that counts as ablative, and that is preferred; the sets of dose limits.
    """

    start_max_days: int = Field(gt=0)
    complete_max_days: int = Field(gt=0)
    overall_max_days: int = Field(default=14, gt=0)
    least_gap_hours: float = Field(default=18, gt=0)
    tumour_alpha_beta_gy: float = Field(gt=0)
    ablative_bed10_gy: float
    preferred_bed10_gy: float = 80
    dose_limits: tuple[str, ...] = ()
    schedule: tuple[SbrtSchedule, ...]
    provenance: dict[str, Provenance]


class Response(Frozen):
    """How responses are summed up over a subject's assessments (RECIST 1.1; D3.2, D3.6, D3.7).

    Stable disease counts from `stable_min_days` after the origin; a response is confirmed from
    `confirm_after_days` on, with at most `max_not_evaluable` assessments not evaluable in between
    and, where `accept_stable`, one stable. A progression of at most
    `oligoprogression_max_lesions` new or growing lesions is oligoprogression.
    """

    sticky_partial_response: bool = True
    stable_min_days: int = Field(default=42, ge=0)
    confirm_after_days: int = Field(default=28, ge=1)
    max_not_evaluable: int = Field(default=1, ge=0)
    accept_stable: bool = False
    oligoprogression_max_lesions: int = Field(default=3, ge=1)
    provenance: dict[str, Provenance] = Field(default_factory=dict)


class Protocol(Frozen):
    """The trial: every other thing is a function of this value and the entries."""

    format: Literal[1]
    identity: Identity
    registry: Registry
    arm: tuple[Arm, ...] = Field(min_length=2)
    stratum: tuple[Stratum, ...] = ()
    randomisation: Randomisation
    criterion: tuple[Criterion, ...] = ()
    schedule: Schedule
    code_list: dict[str, dict[str, str]] = Field(default_factory=dict)
    anchor: tuple[Anchor, ...] = ()
    population: tuple[Population, ...] = ()
    endpoint: tuple[Endpoint, ...] = Field(min_length=1)
    analysis: tuple[Analysis, ...] = Field(min_length=1)
    multiplicity: Multiplicity | None = None
    subgroup: tuple[Subgroup, ...] = ()
    baseline: tuple[BaselineVariable, ...] = ()
    cut: tuple[CutRule, ...] = Field(min_length=1)
    design: Design
    radiotherapy: Radiotherapy | None = None
    toxicity: ToxicityRules = ToxicityRules()
    aesi: tuple[SpecialInterest, ...] = ()
    response: Response = Response()
    operations: Operations = Operations()
    scenario: tuple[Scenario, ...] = ()
    form: tuple[Form, ...] = Field(min_length=1)

    @model_serializer(mode="wrap")
    def _dump_what_is_said(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """So that a block new to the program changes the fingerprint of no older protocol."""
        said: dict[str, Any] = dump(self)
        return {key: said[key] for key in said if key != "multiplicity" or said[key] is not None}

    def form_named(self, name: str) -> Form:
        """The form of that name; KeyError when there is none."""
        for form in self.form:
            if form.form == name:
                return form
        raise KeyError(f"the protocol has no form '{name}'")

    def endpoint_named(self, name: str) -> Endpoint:
        """The endpoint of that id; KeyError when there is none."""
        for endpoint in self.endpoint:
            if endpoint.id == name:
                return endpoint
        raise KeyError(f"the protocol has no endpoint '{name}'")

    def scenario_named(self, name: str) -> Scenario:
        """The simulation scenario of that name; KeyError when there is none."""
        for scenario in self.scenario:
            if scenario.name == name:
                return scenario
        raise KeyError(f"the protocol has no scenario '{name}'")

    def cut_named(self, name: str) -> CutRule:
        """The data cut of that id; KeyError when there is none."""
        for cut in self.cut:
            if cut.id == name:
                return cut
        raise KeyError(f"the protocol has no data cut '{name}'")

    @property
    def reference_arm(self) -> Arm:
        """The arm that others are compared with."""
        return next(arm for arm in self.arm if arm.role == "reference")
