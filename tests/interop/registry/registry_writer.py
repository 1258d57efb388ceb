"""Clean records written from parts, and faults planted into them: the slow, obvious inverse."""

from dataclasses import dataclass, replace
from typing import Any

UNITS = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
).split(" ")
TENS = "- - twenty thirty forty fifty sixty seventy eighty ninety".split(" ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a record is written from: a backbone, an added treatment, a condition, phrases."""

    backbone: str
    backbone_listed: str
    added: str
    added_listed: str
    condition: str
    joined: str = "plus"
    origin: str = "randomisation"
    grade: str = "grade 3 or higher"
    subjects: str = "320 patients"
    ratio: str = "1:1"
    eligible: str = "Eligible patients are adults aged 18 years or older."
    acute: str = "from day 1 to 3 months after randomisation"
    late: str = "from 3 months to 5 years after randomisation"
    survival: str = "from randomisation until death from any cause, up to 5 years"
    milestone: str = "12 months after randomisation"
    list_backbone: bool = True


TRIALS = (
    Trial(
        backbone="Chemotherapy",
        backbone_listed="DRUG: Cisplatin and etoposide",
        added="Thoracic Radiotherapy",
        added_listed="RADIATION: Thoracic radiotherapy",
        condition="Small Cell Lung Cancer",
    ),
    Trial(
        backbone="Androgen Deprivation Therapy",
        backbone_listed="DRUG: Leuprorelin",
        added="Prostate Radiotherapy",
        added_listed="RADIATION: Prostate radiotherapy",
        condition="Prostate Cancer",
    ),
    Trial(
        backbone="Radiotherapy",
        backbone_listed="RADIATION: 60 Gy in 30 fractions",
        added="Temozolomide",
        added_listed="DRUG: Temozolomide",
        condition="Glioblastoma",
    ),
    Trial(
        backbone="Immunotherapy",
        backbone_listed="BIOLOGICAL: Nivolumab",
        added="Cryoablation",
        added_listed="PROCEDURE: Cryoablation",
        condition="Melanoma",
    ),
    Trial(
        backbone="Endocrine Therapy",
        backbone_listed="DRUG: Letrozole",
        added="Surgery of the Primary",
        added_listed="PROCEDURE: Mastectomy or lumpectomy",
        condition="Breast Cancer",
    ),
)


def write_lines(trial: Trial) -> list[str]:
    """The seven lines of a record of the trial."""
    experimental = f"{trial.backbone} {trial.joined} {trial.added}"
    listed = [trial.added_listed] + [trial.backbone_listed] * trial.list_backbone
    primary = f"12-month survival rate, Kaplan-Meier, {trial.milestone}"
    secondary = (
        f"Acute toxicity of {trial.grade}, CTCAE v5.0, {trial.acute}",
        f"Late toxicity of {trial.grade}, CTCAE v5.0, {trial.late}",
        f"Overall survival, Compared between the arms, {trial.survival}",
        f"Quality of life, EQ-5D-5L compared between the arms, 1 year after {trial.origin}",
    )
    return [
        f"{trial.backbone} Alone Versus {experimental} in {trial.condition}",
        f"Does {trial.added.lower()} add to {trial.backbone.lower()}?",
        trial.condition,
        "|".join(listed),
        primary,
        "|".join(secondary),
        f"We plan {trial.subjects}, allocated {trial.ratio}. {trial.eligible}",
    ]


FAULTS: dict[str, dict[str, str | bool]] = {
    "comparison-clocked-from-event-one-arm-never-has": {"origin": "the end of {added}"},
    "milestone-time-frame-is-a-data-cut-rule": {
        "milestone": "5 years after completion of enrolment"
    },
    "outcome-time-frame-words-another-endpoint": {
        "survival": "until first progression or death, up to 5 years"
    },
    "grade-open": {"grade": "grade 3"},
    "window-gap": {"late": "from 1 year to 5 years after randomisation"},
    "window-starts-after-risk-period": {"acute": "from 1 to 3 months after randomisation"},
    "comparator-intervention-not-listed": {"list_backbone": False},
    "sample-size-absent": {"subjects": "a trial in many countries"},
    "allocation-ratio-absent": {"ratio": "at random"},
    "eligibility-absent": {"eligible": "The trial runs in several countries."},
}
PLANTABLE = tuple(FAULTS)


def plant(trial: Trial, code: str) -> Trial:
    """The trial with the fault of that code."""
    values: dict[str, Any] = dict(FAULTS[code])
    if "origin" in values:
        values["origin"] = values["origin"].format(added=trial.added.lower())
    return replace(trial, **values)


def write_number(number: int) -> str:
    """A number below 1000 in English words."""
    if number >= 100:
        rest = f" and {write_number(number % 100)}" if number % 100 else ""
        return f"{ONES[number // 100]} hundred{rest}"
    if number < 20:
        return ONES[number]
    return TENS[number // 10] + (f"-{ONES[number % 10]}" if number % 10 else "")
