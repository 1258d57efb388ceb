"""The trial of section 8.3: scans every 84 days, 6,000 subjects an arm, nobody lost."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau

from equipoise.numerics.hazards.cox import estimate_cox
from equipoise.protocol.model import Protocol, Visit
from equipoise.protocol.parse import shipped_protocol
from equipoise.simulate.cohort import NEVER
from equipoise.simulate.setting import Conditions, build_setting
from equipoise.simulate.site_reading import Response
from equipoise.simulate.trial_course import Course, draw_course

MONTH = 30.4375
SCANS = 26
SUBJECTS = 12_000
TABLE = Path(__file__).parent / "table.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ideal:
    """The course of the trial and, per subject, months to progression or death, and to death."""

    course: Course
    progression_months: NDArray[np.float64]
    death_months: NDArray[np.float64]

    def arm(self, code: str) -> NDArray[np.bool_]:
        """The subjects of arm A or B."""
        return np.asarray(self.course.experimental == (code == "B"), dtype=np.bool_)


def read_table() -> dict[str, dict[str, float]]:
    """The published figures by scenario and name."""
    with TABLE.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        row["scenario"]: {name: float(row[name]) for name in row if name != "scenario"}
        for row in rows
    }


def with_even_scans(protocol: Protocol) -> Protocol:
    """The protocol with its schedule replaced by scans every 84 days."""
    visits = tuple(visit for visit in protocol.schedule.visit if visit.day <= 1) + tuple(
        Visit(
            code=f"V{number:02d}", label=f"Scan {number}", day=84 * number, before_days=7,
            after_days=7, imaging=True,
        )
        for number in range(1, SCANS + 1)
    )  # fmt: skip
    schedule = protocol.schedule.model_copy(update={"visit": visits})
    return protocol.model_copy(update={"schedule": schedule})


@cache
def draw_ideal(scenario: str) -> Ideal:
    """The ideal trial of a scenario, drawn once a test run."""
    protocol = with_even_scans(shipped_protocol("oligo_rcc"))
    conditions = Conditions(subjects=SUBJECTS, operations=False)
    setting = build_setting(protocol, scenario=scenario, conditions=conditions)
    course = draw_course(setting, seed=1, replicates=range(1))
    event = np.minimum(course.scans.first_seen, course.fate.death)
    return Ideal(
        course=course, progression_months=event / MONTH, death_months=course.fate.death / MONTH
    )


def estimate_hazard_ratio(
    months: NDArray[np.float64], experimental: NDArray[np.bool_], *, until: float
) -> float:
    """The hazard ratio of arm B against A, everybody followed until `until` months."""
    cox = estimate_cox(
        np.minimum(months, until),
        event=(months <= until).astype(np.int64),
        covariates=experimental.astype(np.float64)[:, None],
    )
    return float(np.exp(cox.coefficients[0]))


def estimate_failure(ideal: Ideal, *, code: str, months: float) -> float:
    """Percent of the lesions of an arm that grew within so many months, before death."""
    course = ideal.course
    alive = course.scans.failure_day <= course.fate.death[:, None]
    failed = alive & (course.scans.failure_day <= months * MONTH)
    lesions = course.lesions.present & ideal.arm(code)[:, None]
    return 100.0 * float((failed & lesions).sum()) / float(lesions.sum())


def estimate_response(ideal: Ideal, *, code: str) -> float:
    """Percent of the subjects with target lesions whose best response is CR or PR."""
    course = ideal.course
    measurable = course.lesions.target.any(axis=1) & ideal.arm(code)
    seen = course.scans.made & (course.scans.day <= course.fate.stop[:, None])
    responded = (np.isin(course.scans.target, (Response.CR, Response.PR)) & seen).any(axis=1)
    return 100.0 * float((responded & measurable).sum()) / float(measurable.sum())


def estimate_figures(ideal: Ideal) -> dict[str, float]:
    """Every figure of the table, by its name."""
    a, b = ideal.arm("A"), ideal.arm("B")
    pfs, os = ideal.progression_months, ideal.death_months
    figures = {
        "pfs_hr": estimate_hazard_ratio(pfs, b, until=SCANS * 84 / MONTH),
        "os_hr": estimate_hazard_ratio(os, b, until=NEVER),
        "orr_a": estimate_response(ideal, code="A"),
        "tau_a": float(kendalltau(pfs[a], os[a]).statistic),
    }
    for code, arm in (("a", a), ("b", b)):
        figures[f"median_{code}"] = float(np.median(pfs[arm]))
        figures[f"os_median_{code}"] = float(np.median(os[arm]))
        for month in (12, 24):
            figures[f"s{month}_{code}"] = float((pfs[arm] > month).mean())
            figures[f"lf{month}_{code}"] = estimate_failure(ideal, code=code.upper(), months=month)
    return figures


def write_comparison() -> str:
    """The table of docs/validation: published / ours, by scenario."""
    published = read_table()
    names = list(next(iter(published.values())))
    lines = ["| figure | " + " | ".join(published) + " |", "|---" * (len(published) + 1) + "|"]
    ours = {scenario: estimate_figures(draw_ideal(scenario)) for scenario in published}
    for name in names:
        digits = 3 if name.startswith(("s", "pfs", "os_hr", "tau")) else 1
        cells = [
            f"{published[scenario][name]:g} / {ours[scenario][name]:.{digits}f}"
            for scenario in published
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
