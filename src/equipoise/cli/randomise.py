"""`equipoise randomise`: what a randomisation scheme does, before the first subject."""

from typing import Any

import click

from equipoise.cli.output import print_json
from equipoise.cli.protocol import DEFAULT, load_protocol
from equipoise.protocol.model import Protocol
from equipoise.randomise.plan import plan_of
from equipoise.randomise.scheme import Plan
from equipoise.randomise.simulate_scheme import (
    Expected,
    Operating,
    compare_schemes,
    simulate_scheme,
)

_MOST = 10_000_000  # subjects of one call
_HEAD = (
    f"{'scheme':44}{'overall':>9}{'95 %':>6}{'level':>7}{'stratum':>9}"
    f"{'guessed':>9}{'known':>8}{'certain':>9}{'ratio':>7}"
)
_FIGURES = (
    "overall overall_95 worst_level worst_stratum guessed certainty certain ratio_errors".split()
)
_LEGEND = """
overall, level, stratum: by how many subjects a part of the ratio one arm leads another at the end
(mean, 95th percentile; mean of the worst level of any factor, of the worst stratum).
guessed: arms named right by who always names the arm that is behind in the stratum.
known: arms named right by who knows all but the seed; certain: arms that could be no other.
ratio: departure of an arm from the ratio at the worst step, in standard errors."""


@click.group()
def randomise() -> None:
    """Try a randomisation before the first subject."""


@randomise.command()
@click.argument("protocol_name", default=DEFAULT, metavar="[NAME|FOLDER]")
@click.option("--trials", default=1000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--subjects", default=0, help="Subjects a trial; else as planned.")
@click.option(
    "--seed", default=1, show_default=True, help="Of the simulation; same seed, same numbers."
)
@click.option(
    "--levels",
    multiple=True,
    metavar="FACTOR=SHARE,SHARE...",
    help="How common the levels of a factor are, in the protocol's order; else all alike.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def simulate(
    protocol_name: str,
    trials: int,
    subjects: int,
    seed: int,
    levels: tuple[str, ...],
    as_json: bool,
) -> None:
    """Simulate the protocol's scheme, and every other beside it: balance and predictability.

    This draws no allocation of the trial: those come from a sealed seed that nobody knows.
    """
    protocol = load_protocol(protocol_name)
    count = subjects or protocol.randomisation.planned_subjects
    if count < 1 or count * trials > _MOST:
        raise click.BadParameter(f"{trials} trials of {count} subjects; at most {_MOST} in all.")
    expected = Expected(subjects=count, shares=_read_shares(protocol, levels))
    done = [
        simulate_scheme(plan, expected=expected, trials=trials, seed=seed)
        for plan in compare_schemes(plan_of(protocol))
    ]
    if as_json:
        print_json(
            {"trials": trials, "subjects": count, "schemes": [_values(each) for each in done]}
        )
    else:
        _print(done, trials=trials, subjects=count)


def describe_plan(plan: Plan) -> str:
    """A scheme with its settings, in a few words."""
    ratio = ":".join(str(part) for part in plan.ratio)
    words = {
        "permuted_blocks": f"blocks of {' or '.join(str(size) for size in plan.block_sizes)}",
        "minimisation": f"{plan.imbalance}, preferred {plan.preferred_chance:g}",
        "big_stick": f"at most {plan.max_imbalance}",
        "block_urn": f"{plan.urn_sets} sets",
        "simple": "by chance alone",
    }
    return f"{plan.scheme} {ratio} ({words[plan.scheme]})"


def _read_shares(protocol: Protocol, said: tuple[str, ...]) -> tuple[tuple[float, ...], ...]:
    """The shares of the levels of each factor; ends the command when they do not fit."""
    shares = {each.name: (1.0,) * len(each.level) for each in protocol.stratum}
    for text in said:
        name, _, numbers = text.partition("=")
        try:
            given = tuple(float(number) for number in numbers.split(","))
        except ValueError:
            given = ()
        fits = len(given) == len(shares.get(name, ())) and all(0 < each < 1e9 for each in given)
        if not fits:
            known = ", ".join(f"{key} ({len(each)} levels)" for key, each in shares.items())
            raise click.BadParameter(
                f"'{text}': write FACTOR=SHARE,SHARE... with a number above 0 for each level; "
                f"the factors are {known or 'none'}.",
                param_hint="--levels",
            )
        shares[name] = given
    return tuple(shares.values())


def _values(done: Operating) -> dict[str, Any]:
    said = {"scheme": done.plan.scheme, "settings": describe_plan(done.plan)}
    return {**said, **{name: getattr(done, name) for name in _FIGURES}}


def _print(done: list[Operating], *, trials: int, subjects: int) -> None:
    click.echo(f"{trials} trials of {subjects} subjects; the protocol's scheme first.\n\n{_HEAD}")
    for each in done:
        click.echo(
            f"{describe_plan(each.plan):44}{each.overall:9.2f}{each.overall_95:6.1f}"
            f"{each.worst_level:7.2f}{each.worst_stratum:9.2f}{each.guessed:9.1%}"
            f"{each.certainty:8.1%}{each.certain:9.1%}{each.ratio_errors:7.2f}"
        )
    click.echo(_LEGEND)
