"""A design with looks as plain values for JSON, and as tables for a terminal."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from equipoise.design.bound_scales import ScaledBounds, hazard_ratio_of
from equipoise.design.bounds import Chances
from equipoise.design.planned_looks import PlannedLooks
from equipoise.design.recalculation import ActualBounds
from equipoise.design.sequential_plan import SequentialPlan


def looks_values(looks: PlannedLooks, *, months: NDArray[np.float64]) -> dict[str, Any]:
    """The design as plain values, a dict a look; null for what is not there."""
    design = looks.design
    return {
        "plan": _plan_values(design.plan),
        "hazard_ratio": looks.effect.hazard_ratio,
        "margin": looks.effect.margin,
        "ratio": looks.effect.ratio,
        "events": looks.events,
        "fixed_events": looks.fixed_events,
        "inflation": design.inflation,
        "drift": design.drift,
        "power": looks.power,
        "expected_events": {
            "null": looks.expected_events(0.0),
            "effect": looks.expected_events(design.drift),
        },
        "looks": [_look_values(looks, place, months) for place in range(design.plan.looks)],
    }


def _plan_values(plan: SequentialPlan) -> dict[str, Any]:
    return {
        "information": list(plan.information),
        **asdict(plan.rates),
        "efficacy": asdict(plan.efficacy),
        "futility": None if plan.futility is None else asdict(plan.futility),
        "harm_alpha": plan.harm_alpha,
        "binding": plan.binding,
    }


def _look_values(looks: PlannedLooks, place: int, months: NDArray[np.float64]) -> dict[str, Any]:
    design, sides = looks.design, looks.design.plan.rates.sides
    lower = looks.lower
    return {
        "look": place + 1,
        "information": design.plan.information[place],
        "events": float(looks.events_at[place]),
        "month": _known(months[place]),
        "efficacy": _bound_values(looks.upper, place, sides),
        "futility": None if lower is None else _bound_values(lower, place, sides),
        "alpha_spent": float(design.alpha_spent[place]),
        "null": _chance_values(design.null, place),
        "effect": _chance_values(design.alternative, place),
    }


def _bound_values(bounds: ScaledBounds, place: int, sides: int) -> dict[str, float | None]:
    there = math.isfinite(bounds.z[place])
    return {
        "z": _known(bounds.z[place]),
        "p": min(sides * float(bounds.p[place]), 1.0) if there else None,
        "hazard_ratio": _known(bounds.hazard_ratio[place]) if there else None,
        "b_value": _known(bounds.b_value[place]),
        "design_power": _known(bounds.design_power[place]),
        "trend_power": _known(bounds.trend_power[place]),
    }


def _chance_values(chances: Chances, place: int) -> dict[str, float]:
    names = ("above", "below", "futility")
    return {name: float(getattr(chances, name)[place]) for name in names}


def _known(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def came_values(
    actual: ActualBounds, *, looks: PlannedLooks, events: Sequence[float]
) -> list[dict[str, Any]]:
    """The bounds at the events that came, a dict a look."""
    rows = []
    for place, count in enumerate(events):
        row: dict[str, Any] = {"look": place + 1, "events": count}
        row["information"] = count / looks.events
        for name, bounds in (("efficacy", actual.upper), ("futility", actual.lower)):
            z = float(bounds[place])
            row[name] = {"z": _known(z)}
            row[name]["hazard_ratio"] = (
                hazard_ratio_of(
                    z, events=count, ratio=looks.effect.ratio, margin=looks.effect.margin
                )
                if math.isfinite(z)
                else None
            )
        rows.append({**row, "alpha_spent": float(actual.alpha_spent[place])})
    return rows


def print_looks(found: dict[str, Any]) -> None:
    """Prints the design: what it assumes and costs, bounds on every scale, chances to stop."""
    plan, rows = found["plan"], found["looks"]
    futility = _rule_words(plan["futility"]) if plan["futility"] else "none"
    binding = "" if not plan["futility"] else ", binding" if plan["binding"] else ", not binding"
    margin = "" if found["margin"] == 1 else f" against a margin of {found['margin']:.3g}"
    cases = ("at the margin", "as assumed") if margin else ("without effect", "with it")
    click.echo(
        f"Hazard ratio {found['hazard_ratio']:.3g}{margin}, {plan['sides']}-sided alpha "
        f"{plan['alpha']:g}, {found['ratio']:g} experimental to 1 reference.\n"
        f"Efficacy: {_rule_words(plan['efficacy'])}. Futility: {futility}{binding}.\n"
        f"{found['events']:g} events at the last look give power {found['power']:.1%}; without "
        f"looks {found['fixed_events']:.1f} give {plan['power']:.0%} (times "
        f"{found['inflation']:.4f}).\n"
        f"Expected events: {found['expected_events']['null']:.1f} {cases[0]}, "
        f"{found['expected_events']['effect']:.1f} {cases[1]}."
    )
    harm = "to be above the margin" if margin else "for harm"
    below = f" (or below -z {harm})" if plan["sides"] == 2 else ""
    _print_bounds(rows, name="efficacy", title=f"Stop for efficacy from z on{below}")
    if plan["futility"]:
        within = "between -z and z" if plan["sides"] == 2 else "below z"
        _print_bounds(rows, name="futility", title=f"Stop for futility {within}")
    _print_chances(rows, cases, has_harm=plan["sides"] == 2)


def _rule_words(rule: dict[str, Any]) -> str:
    numbers = [rule["parameter"]] if rule["parameter"] is not None else rule["values"]
    return f"{rule['name']} ({', '.join(f'{x:g}' for x in numbers)})" if numbers else rule["name"]


def _print_bounds(rows: list[dict[str, Any]], *, name: str, title: str) -> None:
    click.echo(
        f"\n{title}:\n{'look':>4}{'share':>8}{'events':>8}{'month':>8}{'z':>9}{'p':>11}{'HR':>8}"
        f"{'power then, as assumed':>25}{'by trend':>10}"
    )
    for row in rows:
        at = row[name]
        click.echo(
            f"{row['look']:4}{row['information']:8.3f}{row['events']:8.1f}"
            f"{_number(row['month'], '.1f', 8, 'never')}{_number(at['z'], '.4f', 9)}"
            f"{_number(at['p'], '.3g', 11)}{_number(at['hazard_ratio'], '.3f', 8)}"
            f"{_number(at['design_power'], '.1%', 25)}{_number(at['trend_power'], '.1%', 10)}"
        )


def _print_chances(rows: list[dict[str, Any]], cases: tuple[str, str], *, has_harm: bool) -> None:
    kinds = {"efficacy": "above", "harm": "below", "futility": "futility"}
    told = [name for name in kinds if has_harm or name != "harm"]
    width = 10 * len(told)
    click.echo(
        f"\nChance to have stopped by each look:\n{'':14}{cases[0]:>{width}}"
        f"{cases[1]:>{width}}\n{'look':>4}{'alpha':>10}"
        + "".join(f"{name:>10}" for name in told)
        * 2
    )
    total = dict.fromkeys([(case, name) for case in _CASES for name in told], 0.0)
    for row in rows:
        for case, name in total:
            total[case, name] += row[case][kinds[name]]
        chances = "".join(f"{chance:10.2%}" for chance in total.values())
        click.echo(f"{row['look']:4}{row['alpha_spent']:10.5f}{chances}")


_CASES = ("null", "effect")


def _number(value: float | None, form: str, width: int, missing: str = "-") -> str:
    return f"{missing if value is None else format(value, form):>{width}}"


def print_came(found: dict[str, Any]) -> None:
    """Prints the bounds at the events that came."""
    click.echo(f"\nAt the events that came:\n{'look':>4}{'share':>8}{'events':>8}"
               f"{'alpha':>10}{'z':>9}{'HR':>8}{'futility z':>12}{'HR':>8}")  # fmt: skip
    for row in found["came"]:
        click.echo(
            f"{row['look']:4}{row['information']:8.3f}{row['events']:8.1f}{row['alpha_spent']:10.5f}"
            f"{_number(row['efficacy']['z'], '.4f', 9)}"
            f"{_number(row['efficacy']['hazard_ratio'], '.3f', 8)}"
            f"{_number(row['futility']['z'], '.4f', 12)}"
            f"{_number(row['futility']['hazard_ratio'], '.3f', 8)}"
        )
