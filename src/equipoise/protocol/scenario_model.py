"""Simulation scenarios and the operations of a trial, as frozen values."""

from pydantic import Field

from equipoise.protocol.form_model import Frozen


class Scenario(Frozen):
    """The lesion-level model of D8.3 with one set of parameters.

    Rates of growth and shrinkage are per day, of new lesions and death per month.
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


class Operations(Frozen):
    """How a trial runs: accrual, visits, drop-out, treatment as delivered (D8.4)."""

    sites: int = Field(default=5, gt=0)
    site_activation_months: float = 2.0
    site_rate_per_month: float = 0.5
    site_rate_shape: float = 2.0
    provenance: str = ""
