"""`equipoise design forecast`: when the planned subjects and events will have come."""

import csv
import math
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from equipoise.cli.output import (
    FINDINGS,
    MISUSE,
    finding_values,
    leave,
    print_findings,
    print_json,
)
from equipoise.cli.protocol import load_protocol
from equipoise.design.accrual_forecast import (
    AccrualForecast,
    AccrualSoFar,
    Simulation,
    TimeForecast,
    forecast_accrual,
)
from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.event_forecast import (
    EventModel,
    HazardThought,
    forecast_events,
    read_follow_up,
)
from equipoise.design.planned_openings import choose_prior, plan_openings, think_of_rates
from equipoise.protocol.scenario_model import Accrual

_STATES = ("event", "left", "followed")
_DAY = click.DateTime(["%Y-%m-%d"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    site: str
    randomised: date
    until: date
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Further:
    """Sites that will open: on days that were said, and as a protocol plans."""

    opening: tuple[date, ...]
    plan: Accrual | None

    def days(self, rows: list[_Subject], *, known: int, cut: date) -> tuple[date, ...]:
        """All of the days on which further sites will open."""
        if self.plan is None:
            return self.opening
        first = min(row.randomised for row in rows)
        known += len(self.opening)
        planned = plan_openings(self.plan, known=known, first_date=first, today=cut)
        return (*self.opening, *planned)


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--on", type=_DAY, required=True, metavar="DATE", help="The day of the data cut.")
@click.option("--subjects", type=click.IntRange(1), help="Planned in all.")
@click.option("--events", type=click.IntRange(1), help="Planned in all.")
@click.option("--opening", multiple=True, type=_DAY, metavar="DATE", help="A site that will open.")
@click.option(
    "--protocol", "planned_by", metavar="NAME|FOLDER",
    help="Adds the sites that it plans beyond those of FILE and --opening.",
)  # fmt: skip
@click.option(
    "--model", default="exponential", show_default=True,
    type=click.Choice([m.value for m in EventModel]),
)  # fmt: skip
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0))
@click.option("--replicates", default=2000, show_default=True, type=click.IntRange(100, 20_000))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def forecast(
    file: Path, on: datetime, subjects: int | None, events: int | None,
    opening: tuple[datetime, ...], planned_by: str | None, model: str, seed: int, replicates: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Forecast from FILE (CSV) when the planned subjects and events will have come.

    Columns: site, randomised, until (dates), status (event, left or followed). No arm is read.
    A site counts from its first subject. With --protocol so many subjects as it plans are
    forecast, and its sites that are not open yet open as it plans; late ones one interval after
    the other.
    """
    rows, cut = _read(file, on.date()), on.date()
    protocol = None if planned_by is None else load_protocol(planned_by)
    subjects = subjects or (protocol.randomisation.planned_subjects if protocol else None)
    further = _Further(
        opening=tuple(day.date() for day in opening),
        plan=protocol.operations.accrual if protocol else None,
    )
    drawn = Simulation(seed=seed, replicates=replicates)
    more = max((subjects or len(rows)) - len(rows), 0)
    try:
        accrual = _accrual(rows, cut, further, more, drawn)
        found = {
            "subjects": accrual.complete if accrual else None,
            "events": _events(rows, events, accrual, model, drawn) if events else None,
        }
    except ImpossiblePlanError as refusal:
        if as_json:
            print_json({"findings": finding_values(refusal.findings)})
        else:
            print_findings(refusal.findings)
        leave(FINDINGS)
    if as_json:
        print_json({name: _dates(one, cut) for name, one in found.items()})
    else:
        _print(found, cut, {"subjects": subjects or len(rows), "events": events or 0})


def _read(file: Path, cut: date) -> list[_Subject]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        table = list(csv.DictReader(lines))
    rows = []
    for place, line in enumerate(table, start=2):
        try:
            row = _Subject(
                site=line["site"],
                randomised=date.fromisoformat(line["randomised"]),
                until=date.fromisoformat(line["until"]),
                status=line["status"],
            )
        except (KeyError, TypeError, ValueError):
            _misuse(f"{file.name}, line {place}: site, randomised, until (dates), status.")
        if row.status not in _STATES or not row.randomised <= row.until <= cut:
            _misuse(
                f"{file.name}, line {place}: status is one of {', '.join(_STATES)}, and "
                "randomised, until and the cut follow each other."
            )
        rows.append(row)
    if not rows:
        _misuse(f"{file.name} holds no subject.")
    return rows


def _misuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    leave(MISUSE)


def _accrual(
    rows: list[_Subject], cut: date, further: _Further, more: int, drawn: Simulation
) -> AccrualForecast | None:
    if not more:
        return None
    sites = sorted({row.site for row in rows})
    opening = further.days(rows, known=len(sites), cut=cut)
    days = [[row.randomised for row in rows if row.site == site] for site in sites]
    so_far = AccrualSoFar(
        subjects=tuple(len(own) for own in days),
        open_time=tuple(float((cut - min(own)).days + 1) for own in days),
        opening_in=tuple(float((day - cut).days) for day in opening),
    )
    prior = None
    if further.plan is not None:
        prior = choose_prior(so_far, thought=think_of_rates(further.plan))
    return forecast_accrual(so_far, more=more, prior=prior, simulation=drawn)


def _events(
    rows: list[_Subject],
    events: int,
    accrual: AccrualForecast | None,
    model: str,
    drawn: Simulation,
) -> TimeForecast:
    so_far = read_follow_up(
        [float((row.until - row.randomised).days + 1) for row in rows],
        event=[row.status == "event" for row in rows],
        left=[row.status == "left" for row in rows],
    )
    return forecast_events(
        so_far, events=events, arrivals=accrual.arrivals if accrual else None,
        hazard=HazardThought(model=EventModel(model)), simulation=drawn,
    ).reach  # fmt: skip


def _day(days: float, cut: date) -> str | None:
    far = not math.isfinite(days) or days > (date.max - cut).days - 1
    return None if far else (cut + timedelta(days=math.ceil(days))).isoformat()


def _dates(found: TimeForecast | None, cut: date) -> dict[str, Any] | None:
    if found is None:
        return None
    days = asdict(found)
    return {
        **{name: _day(days[name], cut) for name in ("median", "lower", "upper")},
        "reached": found.reached,
    }


def _print(found: dict[str, TimeForecast | None], cut: date, planned: dict[str, int]) -> None:
    for name, one in found.items():
        if one is not None:
            said = {key: _day(getattr(one, key), cut) or "never" for key in _ORDER}
            click.echo(
                f"{planned[name]} {name}: {said['median']} "
                f"(90 percent from {said['lower']} to {said['upper']})"
            )
            if one.reached < 1:
                click.echo(f"  reached in {one.reached:.0%} of the simulated trials")


_ORDER = ("median", "lower", "upper")
