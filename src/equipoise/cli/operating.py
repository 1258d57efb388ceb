"""`equipoise operating`: what a plan is worth, over a grid of scenarios and parameters."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import polars as pl

import equipoise
from equipoise.cli.operating_chunks import Chunks
from equipoise.cli.operating_crew import ClusterRefusedError, Task, digest_program, hire, work
from equipoise.cli.operating_files import PAGE, TABLE, write_page, write_table
from equipoise.cli.operating_print import print_grid
from equipoise.cli.output import (
    FINDINGS,
    MISUSE,
    finding_values,
    leave,
    print_findings,
    print_json,
)
from equipoise.cli.protocol import DEFAULT, load_protocol
from equipoise.design.error_rates import ImpossiblePlanError
from equipoise.design.operating_cells import Tally, add_tallies
from equipoise.design.operating_question import ENDPOINTS, Wanted, build_questions, wanted_of
from equipoise.design.operating_statistics import STATISTICS, USUALLY
from equipoise.design.operating_table import Answer, Origin, build_table
from equipoise.design.scenario_grid import PARAMETERS, Axis, Cell, build_cells, parse_axis
from equipoise.design.spending import BoundRule
from equipoise.design.whole_question import VARIED, AnyQuestion
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.simulate.trial_model import Run
from equipoise.vocab.finding import Finding

_AT_A_TIME = 10_000  # replicates of a chunk: a tenth of a second, to a second
_WHOLE_AT_A_TIME = 50  # whole trials of a chunk: some seconds
_TRIALS, _WHOLE_TRIALS = 10_000, 400
CHUNKS = "chunks"


def _list(rows: dict[str, str]) -> str:
    width = max(map(len, rows))
    return "\b\n" + "\n".join(f"  {name:{width}}  {words}" for name, words in rows.items())


_HELP = f"""Simulate what a plan is worth, for scenarios and a grid of parameters.

OUTPUT gets one Parquet file with a row for each cell and statistic, one page, and the
chunks that are done: the same command goes on where it was stopped, and a cell of an
earlier grid is not simulated again. Numbers are the same whoever simulates them.

--grid takes NAME=VALUE,... or NAME=FROM:TO:STEP of

{_list({name: one.words for name, one in PARAMETERS.items()})}

--statistics takes some of

{_list({name: one.words for name, one in STATISTICS.items()})}

With --whole every trial is rehearsed by a [[scenario]] of the protocol, derived and analysed
as planned, as by `rehearse --trials`: --statistics names analyses, and the grid may vary
{", ".join(VARIED)} (months to the first cut).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """How a grid is simulated: replicates of each cell, seed, workers, cluster, place."""

    trials: int
    seed: int
    workers: int
    scheduler: str
    output: Path
    whole: bool

    @property
    def at_a_time(self) -> int:
        """The trials of a chunk."""
        return _WHOLE_AT_A_TIME if self.whole else _AT_A_TIME


@click.command(help=_HELP)
@click.argument("protocol_name", default=DEFAULT, metavar="[NAME|FOLDER]")
@click.option(
    "--scenarios",
    metavar="NAME,...",
    help="Truths; else all alternatives of the design (--whole: scenarios).",
)
@click.option("--grid", "axes", multiple=True, metavar="NAME=VALUES", help="An axis; repeatable.")
@click.option(
    "--whole", is_flag=True, help="Rehearse whole trials: through derivation and planned analyses."
)
@click.option(
    "--trials", type=click.IntRange(1, 2**30), help="Of each cell; else 10,000, 400 whole ones."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1))
@click.option(
    "--statistics", metavar="NAME,...",
    help=f"Else {','.join(USUALLY)}; --whole: analyses of the plan, else its primary ones.",
)  # fmt: skip
@click.option(
    "--endpoint", type=click.Choice(["pfs", "os"]),
    help="Progression-free or overall survival: what is tested, and whose events count; else pfs.",
)  # fmt: skip
@click.option("--alpha", type=float, help="Type I error; else the protocol's.")
@click.option("--sides", type=click.IntRange(1, 2), help="Of the tests; else the protocol's.")
@click.option("--looks", metavar="SHARE,...", help="Interim looks, as shares of grid's events.")
@click.option("--spending", metavar="RULE", help="Of alpha; else O'Brien-Fleming (Lan-DeMets).")
@click.option("--futility", metavar="RULE", help="Of beta, not binding; else no futility.")
@click.option(
    "--output", default="operating", show_default=True, metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
)  # fmt: skip
@click.option("--workers", default=0, type=click.IntRange(0), help="Else one for each core.")
@click.option("--scheduler", default="", metavar="ADDRESS", help="Of a Dask cluster.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def operating(
    protocol_name: str, scenarios: str | None, axes: tuple[str, ...], as_json: bool, **said: Any
) -> None:
    protocol = load_protocol(protocol_name)
    said["trials"] = said["trials"] or (_WHOLE_TRIALS if said["whole"] else _TRIALS)
    how = _Work(**{name: said.pop(name) for name in _Work.__slots__})
    try:
        parsed = _parse_axes(axes)
        names = _usual_scenarios(protocol, how) if scenarios is None else _split(scenarios)
        cells = build_cells(names, axes=parsed)
        questions = _ask(protocol, cells, said, whole=how.whole)
        table = _simulate(protocol, questions, how)
        write_page(table, axes=[axis.name for axis in parsed], protocol=protocol, folder=how.output)
    except ImpossiblePlanError as refusal:
        if as_json:
            print_json({"findings": finding_values(refusal.findings)})
        else:
            print_findings(refusal.findings)
        leave(FINDINGS)
    except (ClusterRefusedError, OSError) as refusal:
        click.echo(str(refusal), err=True)
        leave(MISUSE)
    if as_json:
        files = {"file": str(how.output / TABLE), "page": str(how.output / PAGE)}
        print_json({**files, "rows": table.to_dicts()})
    else:
        print_grid(table, axes=[axis.name for axis in parsed])
        click.echo(f"\n{how.output / TABLE}\n{how.output / PAGE}")


def _usual_scenarios(protocol: Protocol, how: _Work) -> list[str]:
    if how.whole:
        return [one.name for one in protocol.scenario]
    return [one.name for one in protocol.design.alternative] or ["design"]


def _ask(
    protocol: Protocol, cells: Sequence[Cell], said: dict[str, Any], *, whole: bool
) -> Sequence[AnyQuestion]:
    if not whole:
        return build_questions(protocol, cells=cells, wanted=_wanted(wanted_of(protocol), **said))
    names = _split(said.pop("statistics") or "")
    if idle := [name for name, value in said.items() if value is not None]:
        raise click.BadParameter(
            f"--{', --'.join(idle)}: whole trials are analysed as the protocol plans."
        )
    from equipoise.design.whole_cells import build_whole_questions

    return build_whole_questions(protocol, cells=cells, statistics=names)


def _split(said: str) -> list[str]:
    return [name for name in (part.strip() for part in said.split(",")) if name]


def _parse_axes(said: Sequence[str]) -> list[Axis]:
    """All axes, or the findings of all that cannot be read."""
    axes: list[Axis] = []
    problems: list[Finding] = []
    for text in said:
        try:
            axes.append(parse_axis(text))
        except ImpossiblePlanError as refusal:
            problems += refusal.findings
    if problems:
        raise ImpossiblePlanError(tuple(problems))
    return axes


def _wanted(usual: Wanted, **said: Any) -> Wanted:
    """What is asked, where it is said otherwise than usual."""
    rates = {name: said[name] for name in ("alpha", "sides") if said[name] is not None}
    rules = {"efficacy": said["spending"], "futility": said["futility"]}
    changed: dict[str, Any] = {name: BoundRule(name=rule) for name, rule in rules.items() if rule}
    return replace(
        usual,
        statistics=usual.statistics
        if said["statistics"] is None
        else tuple(dict.fromkeys(_split(said["statistics"]))),
        endpoint=next(
            each for each, name in ENDPOINTS.items() if name == (said["endpoint"] or "pfs")
        ),
        rates=replace(usual.rates, **rates),
        looks=_parse_looks(said["looks"] or ""),
        **changed,
    )


def _parse_looks(said: str) -> tuple[float, ...]:
    try:
        return tuple(float(share) for share in _split(said))
    except ValueError:
        raise click.BadParameter(f"'{said}' are no shares; write 0.5,0.75.") from None


def _simulate(protocol: Protocol, questions: Sequence[AnyQuestion], how: _Work) -> pl.DataFrame:
    """The table of the grid, also written; what was done before is not done again."""
    program = digest_program()
    digest = fingerprint(protocol)
    chunks = Chunks(folder=how.output / CHUNKS, origin=f"{digest} {program}")
    tallies: list[list[Tally]] = [[] for _ in questions]
    todo: list[Task] = []
    for task in _tasks(questions, how):
        done = chunks.read(task)
        if done is None:
            todo.append(task)
        else:
            tallies[task.place].append(done)
    for task, tally in _do(todo, how):
        chunks.write(task, tally=tally)
        tallies[task.place].append(tally)
    answers = [
        Answer(question=question, tally=add_tallies(parts))
        for question, parts in zip(questions, tallies, strict=True)
    ]
    origin = Origin(seed=how.seed, protocol=digest, program=f"{equipoise.__version__} {program}")
    table = build_table(answers, origin=origin)
    write_table(table, folder=how.output)
    return table


def _tasks(questions: Sequence[AnyQuestion], how: _Work) -> Iterator[Task]:
    for place, question in enumerate(questions):
        for first in range(0, how.trials, how.at_a_time):
            trials = min(how.at_a_time, how.trials - first)
            run = Run(seed=how.seed, first=first, trials=trials, workers=1)
            yield Task(place=place, question=question, run=run)


def _do(todo: Sequence[Task], how: _Work) -> Iterator[tuple[Task, Tally]]:
    """The tasks done, with a bar; nobody is hired where nothing is to do."""
    if not todo:
        return
    length = sum(task.run.trials for task in todo)
    with (
        hire(workers=how.workers, scheduler=how.scheduler, processes=how.whole) as crew,
        click.progressbar(length=length, label="Simulating the grid", file=sys.stderr) as bar,
    ):
        for task, tally in work(crew, todo):
            yield task, tally
            bar.update(task.run.trials)
