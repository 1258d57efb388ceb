"""The truths under which a plan is tried: how long the arms go without event, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from equipoise.design.error_rates import ImpossiblePlanError, impossible
from equipoise.design.event_laws import hazard_of_survival, scale_hazard
from equipoise.protocol.model import Protocol
from equipoise.protocol.scenario_model import Leaving
from equipoise.simulate.cohort import DAYS_PER_MONTH
from equipoise.simulate.setting import (
    LONG_FOLLOW_UP_MONTHS,
    Conditions,
    RehearsalRefusedError,
    Setting,
    build_setting,
)
from equipoise.simulate.trial_course import draw_course
from equipoise.simulate.trial_model import Hazard, Law, Weibull

DESIGN = "design"
LESIONS = "scenario:"  # before the name of a [[scenario]] that another truth is named like
_TRIALS, _SUBJECTS, _SEED = 40, 1_000, 1
_CUTS = (*range(1, 25), *range(27, 61, 3))  # months


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The time to the event in the reference and the experimental arm, in months.

    `ratio` is the hazard ratio between them, None where it is not one number.
    """

    name: str
    label: str
    reference: Law
    experimental: Law
    ratio: float | None


def list_truths(protocol: Protocol) -> Mapping[str, str]:
    """The names of the truths of a protocol with their labels.

    `design` is the assumption of its size, then come its alternatives, then its scenarios.
    """
    found = {DESIGN: "Assumption of the design"}
    found |= {one.name: one.label for one in protocol.design.alternative if one.name != DESIGN}
    for one in protocol.scenario:
        found[f"{LESIONS}{one.name}" if one.name in found else one.name] = one.label
    return found


def find_truth(protocol: Protocol, *, name: str) -> Truth:
    """The truth of that name.

    Times of a scenario of lesions are those of rehearsed subjects, as seen on their scans: hazards
    by month of 40,000 of them, with the operations of the protocol but for leaving. Raises
    ImpossiblePlanError where there is none, or the scenario cannot be rehearsed.
    """
    labels = list_truths(protocol)
    if name not in labels:
        raise _refuse(f"there is no scenario '{name}'", f"Name some of {', '.join(labels)}.")
    alternatives = {one.name: one for one in protocol.design.alternative}
    if name == DESIGN:
        return _truth_of_design(protocol, labels[name])
    if name in alternatives:
        one = alternatives[name]
        scale = one.reference_median_months / np.log(2) ** (1 / one.shape)
        law = Weibull(shape=one.shape, scale=float(scale))
        return _proportional(name, labels[name], law, one.hazard_ratio)
    return _truth_of_lesions(protocol, name, labels[name])


def _refuse(message: str, mend: str) -> ImpossiblePlanError:
    return ImpossiblePlanError(
        (impossible("scenarios", code="scenario-unknown", message=message, mend=mend),)
    )


def _proportional(name: str, label: str, law: Law, ratio: float) -> Truth:
    experimental = scale_hazard(law, ratio=ratio)
    return Truth(name=name, label=label, reference=law, experimental=experimental, ratio=ratio)


def _truth_of_design(protocol: Protocol, label: str) -> Truth:
    design = protocol.design
    law = hazard_of_survival(design.reference_rate, at=design.milestone_months)
    ratio = float(np.log(design.experimental_rate) / np.log(design.reference_rate))
    return _proportional(DESIGN, label, law, ratio)


def _truth_of_lesions(protocol: Protocol, name: str, label: str) -> Truth:
    known = name.removeprefix(LESIONS)
    try:
        setting = _stay_in(build_setting(protocol, scenario=known, conditions=_CONDITIONS))
    except RehearsalRefusedError as refusal:
        raise _refuse(f"'{name}' cannot be rehearsed: {refusal}", "Name another.") from refusal
    course = draw_course(setting, seed=_SEED, replicates=range(_TRIALS))
    months = np.minimum(course.watch.progressed, course.fate.death) / DAYS_PER_MONTH
    if setting.scenario.experimental_as_reference:
        law = fit_hazard(months)
        return Truth(name=name, label=label, reference=law, experimental=law, ratio=1.0)
    arms = [fit_hazard(months[course.experimental == arm]) for arm in (False, True)]
    return Truth(name=name, label=label, reference=arms[0], experimental=arms[1], ratio=None)


_CONDITIONS = Conditions(subjects=_SUBJECTS)


def _stay_in(setting: Setting) -> Setting:
    """The same setting, but nobody leaves, all come at once and are followed to the event."""
    operations = setting.operations
    accrual = operations.accrual.model_copy(update={"at_once": True})
    leaving = Leaving(follow_up_beyond_last_cut_months=LONG_FOLLOW_UP_MONTHS)
    changed = operations.model_copy(update={"accrual": accrual, "leaving": leaving})
    return replace(setting, operations=changed)


def fit_hazard(months: NDArray[np.float64]) -> Hazard:
    """The hazards by month, later by quarter, of times that all end with the event.

    A piece in which nobody is left takes the hazard of the one before.
    """
    edges = np.array([0.0, *_CUTS, np.inf])
    rates: list[float] = []
    for start, end in pairwise(edges):
        lived = np.clip(np.minimum(months, end) - start, 0, None).sum()
        events = np.count_nonzero((months > start) & (months <= end))
        rates.append(events / lived if lived > 0 else rates[-1])
    return Hazard(rates=tuple(float(rate) for rate in rates), cuts=tuple(map(float, _CUTS)))
