"""Deaths of the cells of a grid whose endpoint is overall survival."""

from collections.abc import Iterator
from dataclasses import replace

from equipoise.design.death_course import Deaths, add_deaths, die_by, hazard_of_death
from equipoise.design.error_rates import ImpossiblePlanError, impossible
from equipoise.design.event_laws import survival_at, time_of_survival
from equipoise.design.scenario_grid import NOT_OF_DEATH, OF_DEATH, Cell
from equipoise.design.scenario_truth import LESIONS, Truth
from equipoise.protocol.model import Protocol
from equipoise.simulate.trial_model import Endpoint, IllnessDeath, Law
from equipoise.vocab.finding import Finding

_SURVIVAL = "os"  # the endpoint of a protocol whose plan is that of overall survival
_METHODS = {"milestone": "milestone", "horizon": "rmst"}


def find_idle_axes(cell: Cell, *, endpoint: Endpoint) -> Iterator[Finding]:
    """Parameters that have no meaning for the endpoint."""
    is_death = endpoint is Endpoint.DEATH
    for name, _ in cell.settings:
        if name in (NOT_OF_DEATH if is_death else OF_DEATH):
            yield impossible(
                f"grid {name}", code="axis-idle",
                message=f"{name} says nothing about "
                f"{'overall' if is_death else 'progression-free'} survival",
                mend="Leave it out." if is_death else "Ask for --endpoint os, or leave it out.",
            )  # fmt: skip


def read_survival_plan(protocol: Protocol, *, truth: Truth) -> dict[str, float]:
    """What the protocol says of overall survival: deaths, the times of its tests, their cut."""
    named = [one for one in protocol.scenario if one.name == truth.name.removeprefix(LESIONS)]
    found: dict[str, float] = {}
    for one in (*named, *protocol.scenario)[:1]:
        found["death_before"] = one.death_before_progression_per_month
        found["death_after"] = one.death_after_progression_per_month
        found["frailty"] = one.frailty_sd
    for name, method in _METHODS.items():
        own = [a for a in protocol.analysis if (a.endpoint, a.method) == (_SURVIVAL, method)]
        if times := [month for analysis in own for month in analysis.at_months]:
            found[name] = max(times)
    cuts = sorted(protocol.cut, key=lambda cut: (_SURVIVAL in cut.endpoint, cut.plus_months))
    return found | ({"follow_up": cuts[-1].plus_months} if cuts else {})


def set_deaths(cell: Cell, *, reference: Law, values: dict[str, float]) -> Deaths:
    """The deaths of a cell; `values` gets how many come after progression."""
    needed = ["death_before", "frailty"]
    needed += [] if "survival_median" in values else ["death_after"]
    if missing := [name for name in needed if name not in values]:
        raise _refuse(
            cell, "deaths-unknown", f"the protocol has no scenario that says its {missing[0]}",
            "Give them: --grid death_before=0.003 --grid death_after=0.026 --grid frailty=1.",
        )  # fmt: skip
    deaths = Deaths(
        before=values["death_before"],
        after=values.get("death_after", 1.0),
        frailty=values["frailty"],
    )
    if "survival_median" in values:
        try:
            deaths = die_by(reference, median=values["survival_median"], deaths=deaths)
        except ValueError as never:
            raise _refuse(cell, "never-reached", str(never), "Give another median.") from never
        values["death_after"] = deaths.after
    return deaths


def join_deaths(
    cell: Cell, *, laws: tuple[Law, Law], deaths: Deaths | None, ratio: float = 1.0
) -> tuple[Law, Law] | tuple[IllnessDeath, IllnessDeath]:
    """The courses of both arms in a stratum in which all hazards are multiplied."""
    if deaths is None:
        return laws
    own = replace(deaths, before=ratio * deaths.before, after=ratio * deaths.after)
    try:
        reference, experimental = add_deaths(laws, deaths=own)
    except ValueError as early:
        raise _refuse(cell, "deaths-too-early", str(early), "Lower death_before.") from early
    return reference, experimental


def tell_deaths(
    cell: Cell, *, laws: tuple[Law, Law], deaths: Deaths | None, milestone: float
) -> dict[str, float]:
    """How long the arms live, in closed form."""
    if deaths is None:
        return {}
    both = [
        hazard_of_death(course, deaths=deaths)
        for course in join_deaths(cell, laws=laws, deaths=deaths)
        if isinstance(course, IllnessDeath)
    ]
    return {
        "survival_median": time_of_survival(both[0], survival=0.5),
        "reference_alive": survival_at(both[0], time=milestone),
        "experimental_alive": survival_at(both[1], time=milestone),
    }


def _refuse(cell: Cell, code: str, message: str, mend: str) -> ImpossiblePlanError:
    return ImpossiblePlanError((impossible(str(cell), code=code, message=message, mend=mend),))
