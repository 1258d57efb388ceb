"""The trial of a cell: what the protocol says, with what the cell changes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from equipoise.design.assumptions import staggered_accrual
from equipoise.design.error_rates import ImpossiblePlanError, impossible, refuse
from equipoise.design.event_laws import (
    delay_effect,
    scale_hazard,
    stretch_time,
    survival_at,
    time_of_survival,
)
from equipoise.design.operating_deaths import (
    find_idle_axes,
    join_deaths,
    read_survival_plan,
    set_deaths,
    tell_deaths,
)
from equipoise.design.protocol_size import plan_of_protocol
from equipoise.design.scenario_grid import Cell
from equipoise.design.scenario_truth import Truth
from equipoise.protocol.model import Protocol
from equipoise.simulate.trial_model import (
    NEVER,
    Accrual,
    Endpoint,
    Hazard,
    Law,
    TrialModel,
    accrue_by_sites,
    accrue_evenly,
)

_AT_ONCE = 0.01  # months in which all come where the protocol lets them come at once
_LONGEST = 1_200.0  # months of scans in a trial that ends with its events


@dataclass(frozen=True, slots=True, kw_only=True)
class CellPlan:
    """The trial, its latest date, and the parameters in force (NaN: there is none)."""

    model: TrialModel
    latest: float
    values: Mapping[str, float]
    no_effect: bool


def plan_cell(
    protocol: Protocol, *, cell: Cell, truth: Truth, endpoint: Endpoint = Endpoint.FIRST
) -> CellPlan:
    """The trial of a cell, tested by progression-free survival or by death.

    Death comes as illness and death whose first event has the law of the truth (`death_course`).
    Raises ImpossiblePlanError where the truth has no median, share or hazard ratio to be set, or
    parameters are not those of the endpoint.
    """
    refuse(find_idle_axes(cell, endpoint=endpoint))
    dies = endpoint is Endpoint.DEATH
    own = read_survival_plan(protocol, truth=truth) if dies else {}
    values = _defaults(protocol) | own | dict(cell.settings)
    laws = _arms(cell, truth, values)
    deaths = set_deaths(cell, reference=laws[0], values=values) if dies else None
    accrual, until = _accrue(protocol, values)
    latest = until + values["follow_up"]
    if "events" in values and "follow_up" not in dict(cell.settings):
        latest = NEVER
    poor = math.sqrt(values["prognosis"])
    by_stratum = (1.0,) if poor == 1 else (1 / poor, poor)
    courses = [
        join_deaths(cell, laws=_times(laws, ratio), deaths=deaths, ratio=ratio)
        for ratio in by_stratum
    ]
    lost = Hazard(rates=(-math.log1p(-values["dropout"]) / 12,))
    model = TrialModel(
        sizes=_split(int(values["subjects"]), values["ratio"]),
        accrual=accrual,
        courses=tuple(courses),
        shares=(1 / len(courses),) * len(courses),
        leaving=(lost, lost),
        frailty=deaths.spread if deaths else (0.0, 0.0, 0.0),
        scans=_scans(values["scans"], min(latest, _LONGEST)),
    )
    return CellPlan(
        model=model,
        latest=latest,
        values=tell_deaths(cell, laws=laws, deaths=deaths, milestone=values["milestone"])
        | values
        | _told(laws, truth, values),
        no_effect=laws[0] == laws[1],
    )


def read_operations(protocol: Protocol) -> dict[str, float]:
    """How the trial of the protocol runs, as parameters of a grid."""
    share, _ = plan_of_protocol(protocol)
    operations, milestone = protocol.operations, protocol.design.milestone_months
    a_year = operations.leaving.lost_per_year + operations.leaving.withdrawn_per_year
    return {
        "subjects": protocol.randomisation.planned_subjects,
        "ratio": share.ratio,
        "dropout": -math.expm1(-a_year),
        "accrual": operations.accrual.rate_per_month * operations.accrual.sites,
        "follow_up": protocol.cut[0].plus_months if protocol.cut else milestone,
    }


def _defaults(protocol: Protocol) -> dict[str, float]:
    """The parameters of the protocol; those that a truth has are not among them."""
    milestone = protocol.design.milestone_months
    return read_operations(protocol) | {
        "delay": 0.0,
        "cured": 0.0,
        "prognosis": 1.0,
        "milestone": milestone,
        "horizon": milestone,
        "scans": 0.0,
    }


def _told(laws: tuple[Law, Law], truth: Truth, values: Mapping[str, float]) -> dict[str, float]:
    """What the laws come to, whoever set it."""
    at = values["milestone"]
    ratio = math.nan if truth.ratio is None else truth.ratio
    return {
        "hazard_ratio": values.get("hazard_ratio", ratio),
        "reference_median": time_of_survival(laws[0], survival=0.5),
        "reference_survival": survival_at(laws[0], time=at),
        "experimental_survival": survival_at(laws[1], time=at),
    }


def _split(subjects: int, ratio: float) -> tuple[int, int]:
    reference = min(max(round(subjects / (1 + ratio)), 1), subjects - 1)
    return reference, subjects - reference


def _times(laws: tuple[Law, Law], ratio: float) -> tuple[Law, Law]:
    return scale_hazard(laws[0], ratio=ratio), scale_hazard(laws[1], ratio=ratio)


def _scans(every: float, until: float) -> tuple[float, ...]:
    return tuple(every * place for place in range(1, math.ceil(until / every) + 1)) if every else ()


def _accrue(protocol: Protocol, values: Mapping[str, float]) -> tuple[Accrual, float]:
    """How the subjects come, and when all have."""
    sites = protocol.operations.accrual
    if sites.at_once:
        return accrue_evenly(_AT_ONCE), _AT_ONCE
    openings = [place * sites.activation_months for place in range(sites.sites)]
    rate = values["accrual"] / sites.sites
    until = staggered_accrual(openings, rate=rate, subjects=values["subjects"]).until
    opened = tuple(opening for opening in openings if opening < until)
    return accrue_by_sites(opened, rates=(rate,) * len(opened), until=until), until


def _arms(cell: Cell, truth: Truth, values: Mapping[str, float]) -> tuple[Law, Law]:
    """The laws of both arms: cured, then the reference arm set, then the effect."""
    said = dict(cell.settings)
    reference, experimental = truth.reference, truth.experimental
    if "cured" in said:
        reference = replace(reference, cured=values["cured"])
        experimental = replace(experimental, cured=values["cured"])
    factor = _stretch(cell, reference, values)
    reference = stretch_time(reference, factor=factor)
    if not {"hazard_ratio", "delay"} & set(said):
        return reference, stretch_time(experimental, factor=factor)
    ratio = values.get("hazard_ratio", truth.ratio)
    if ratio is None:
        raise _refuse(
            cell, "no-hazard-ratio", f"{truth.name} has no single hazard ratio to be delayed",
            "Give it: --grid hazard_ratio=0.65.",
        )  # fmt: skip
    return reference, delay_effect(reference, ratio=ratio, delay=values["delay"])


def _stretch(cell: Cell, reference: Law, values: Mapping[str, float]) -> float:
    """By what all times are multiplied, so that the reference arm does as it is said to."""
    if "reference_median" in values:
        wanted, share = values["reference_median"], 0.5
    elif "reference_survival" in values:
        wanted, share = values["milestone"], values["reference_survival"]
    else:
        return 1.0
    found = time_of_survival(reference, survival=share)
    if math.isinf(found):
        raise _refuse(
            cell, "never-reached",
            f"the share without event never falls to {share:g}: {reference.cured:g} are cured",
            "Let fewer be cured.",
        )  # fmt: skip
    return wanted / found


def _refuse(cell: Cell, code: str, message: str, mend: str) -> ImpossiblePlanError:
    return ImpossiblePlanError((impossible(str(cell), code=code, message=message, mend=mend),))
