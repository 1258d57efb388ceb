"""Simulation scenarios and the operations of a trial, as frozen values."""

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from equipoise.protocol.form_model import Frozen

Probability = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0)]
Days = Annotated[float, Field(ge=0)]
Said = Annotated[
    str, StringConstraints(pattern=r"^(seed_record|registry|literature|computed|proposal)(: .+)?$")
]
Provenances = dict[str, Said]


class Scenario(Frozen):
    """The lesion-level model of D8.3 with one set of parameters.

    Rates of growth and shrinkage are per day, of new lesions and death per month. A `reading_cv`
    of 0 reads lesions without error, in tenths of a millimetre.
    """

    name: str
    label: str
    growth_per_day: float = Field(ge=0)
    shrinkage_per_day: float = Field(ge=0)
    sensitive_logit: float
    new_lesions_per_month: float = Field(ge=0)
    sbrt_control_probability: float = Field(ge=0, le=1)
    death_before_progression_per_month: float = Field(ge=0)
    death_after_progression_per_month: float = Field(ge=0)
    new_lesion_ratio: float = Field(ge=0)
    experimental_as_reference: bool = False
    frailty_sd: float = Field(default=1.0, ge=0)
    reading_cv: float = Field(default=0.06, ge=0)
    provenance: str


class Accrual(Frozen):
    """How subjects arrive: sites open one after the other, each at a rate of its own."""

    sites: int = Field(default=5, gt=0, le=99)
    first_site_date: date = date(2025, 1, 6)
    activation_months: Rate = 2.0
    rate_per_month: float = Field(default=0.5, gt=0)
    rate_shape: float = Field(default=2.0, gt=0)
    at_once: bool = False
    provenance: Provenances = Field(default_factory=dict)


class Attendance(Frozen):
    """When scans are made, which are missed, which lesions cannot be judged."""

    jitter_sd_days: Days = 4.0
    outside_window: Probability = 0.0
    outside_window_days: Days = 7.0
    missed: Probability = 0.0
    target_not_evaluable: Probability = 0.0
    confirm_from_days: Days = 56.0
    confirm_to_days: Days = 77.0
    contact_months: float = Field(default=3.0, gt=0)
    contact_missed: Probability = 0.0
    provenance: Provenances = Field(default_factory=dict)


class Leaving(Frozen):
    """Who leaves the trial, and for how long the others are followed."""

    lost_per_year: Rate = 0.0
    withdrawn_per_year: Rate = 0.0
    follow_up_beyond_last_cut_months: Rate = 1.0
    death_day_unknown: Probability = 0.0
    provenance: Provenances = Field(default_factory=dict)


class SbrtDelivery(Frozen):
    """SBRT as sites deliver it, and ablation outside the protocol in the reference arm."""

    not_started: Probability = 0.0
    incomplete: Probability = 0.0
    de_escalated: Probability = 0.0
    start_from_days: Days = 14.0
    start_to_days: Days = 35.0
    hold_from_days: Days = 1.0
    hold_to_days: Days = 3.0
    contamination_per_month: Rate = 0.0
    provenance: Provenances = Field(default_factory=dict)


class Agent(Frozen):
    """A drug of a regimen: its planned dose, and whether it is a kinase inhibitor."""

    agent: str
    dose_mg: float = Field(gt=0)
    kinase_inhibitor: bool = False
    stop_after_days: int = Field(default=0, ge=0)


class Regimen(Frozen):
    """A systemic regimen, how often it is chosen, and its agents."""

    code: str
    share: Probability
    agent: tuple[Agent, ...] = Field(min_length=1)


class SystemicTherapy(Frozen):
    """The systemic therapy of the trial as delivered, and what follows it."""

    regimen: tuple[Regimen, ...] = ()
    not_started: Probability = 0.0
    start_to_days: Days = 14.0
    switch_per_month: Rate = 0.0
    reduction: Probability = 0.0
    next_line: Probability = 0.75
    second_next_line: Probability = 0.5
    late_radiotherapy: Probability = 0.2
    next_agents: tuple[str, ...] = ("cabozantinib",)
    provenance: Provenances = Field(default_factory=dict)


class Patients(Frozen):
    """Who is enrolled: the baseline mix, and how it bears on the course of the disease."""

    age_mean: float = 61.0
    age_sd: float = 10.0
    age_from: float = 20.0
    age_to: float = 80.0
    male: Probability = 0.77
    ecog: tuple[Probability, ...] = (0.60, 0.37, 0.03)
    histology: dict[str, Probability] = Field(default_factory=dict)
    imdc: tuple[Probability, ...] = (0.45, 0.48, 0.07)
    omd: dict[str, Probability] = Field(default_factory=dict)
    disease_free_median_months: float = 14.0
    nephrectomy_planned: Probability = 0.15
    prior_rt: Probability = 0.0
    lesions: tuple[Probability, ...] = (0.30, 0.27, 0.20, 0.13, 0.10)
    site: dict[str, Probability] = Field(default_factory=dict)
    imdc_frailty_shift: float = 0.0
    induced_frailty_shift: float = 0.0
    provenance: Provenances = Field(default_factory=dict)


class SiteToxicity(Frozen):
    """What SBRT to a site can do to its surroundings: the early and the late term."""

    site: str
    acute: str
    late: str


class Toxicity(Frozen):
    """The adverse events: probabilities of a patient, terms with their weights.

    `acute_g3` any grade 3 or higher from day 1 to 183, `late_g3` from one to three years, both
    without SBRT; the `sbrt_` ones are added in patients who receive it.
    """

    acute_g3: Probability = 0.0
    late_g3: Probability = 0.0
    fatal: Probability = 0.0
    low_grade_mean: Rate = 0.0
    sbrt_acute_g3: Probability = 0.0
    sbrt_late_g3: Probability = 0.0
    sbrt_fatal: Probability = 0.0
    sbrt_pneumonitis_g3: Probability = 0.0
    sbrt_low_grade: Probability = 0.0
    patient_sd: float = Field(default=0.8, ge=0)
    grade_4_share: Probability = 0.10
    onset_mean_days: float = Field(default=80.0, gt=0)
    sbrt_onset_median_days: float = Field(default=45.0, gt=0)
    pneumonitis_median_days: float = Field(default=90.0, gt=0)
    sbrt_late_median_days: float = Field(default=300.0, gt=0)
    duration_median_days: float = Field(default=21.0, gt=0)
    lasting: Probability = 0.08
    onset_day_unknown: Probability = 0.0
    immunotherapy: dict[str, Rate] = Field(default_factory=dict)
    kinase_inhibitor: dict[str, Rate] = Field(default_factory=dict)
    low_grade: dict[str, Rate] = Field(default_factory=dict)
    site: tuple[SiteToxicity, ...] = ()
    provenance: Provenances = Field(default_factory=dict)


class Operations(Frozen):
    """How a trial runs (D8.4): without settings nothing is missed, lost or toxic."""

    accrual: Accrual = Accrual()
    attendance: Attendance = Attendance()
    leaving: Leaving = Leaving()
    sbrt: SbrtDelivery = SbrtDelivery()
    systemic: SystemicTherapy = SystemicTherapy()
    patients: Patients = Patients()
    toxicity: Toxicity = Toxicity()
