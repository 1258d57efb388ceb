"""How adverse events are counted, as frozen values: settings, and groups of special interest."""

from typing import Literal

from pydantic import Field

from equipoise.protocol.form_model import Frozen


class ToxicityRules(Frozen):
    """How records of adverse events become events, and until when a subject is at risk of one.

    `grade_change` says what a site does when a grade changes: it starts a new record
    (`new_record`), or keeps one record at its highest grade (`highest_grade`). At risk is a
    subject from the first study treatment `until` the end of follow-up, or until
    `after_exposure_days` after the last day of study treatment, if that is earlier.
    """

    grade_change: Literal["new_record", "highest_grade"] = "new_record"
    at_risk_until: Literal["follow_up", "exposure"] = "follow_up"
    after_exposure_days: int = Field(default=30, ge=0)
    provenance: dict[str, str] = Field(default_factory=dict)


class SpecialInterest(Frozen):
    """A group of adverse events of special interest: its CTCAE terms."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    term: tuple[str, ...] = Field(min_length=1)
    provenance: str
