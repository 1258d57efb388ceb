"""How looks and rules of bounds are written on a command line."""

from collections.abc import Callable
from fractions import Fraction

import click

from equipoise.design.sequential_plan import CLASSICAL
from equipoise.design.spending import OBRIEN_FLEMING, SPENDING, BoundRule

RULES = f"A RULE is one of {', '.join((*SPENDING, *CLASSICAL))}."
MOST_LOOKS = 50
Command = Callable[..., None]


def read_shares(text: str) -> tuple[float, ...]:
    """Shares as `1/3,2/3,1`, or how many as `3`; BadParameter where it is neither."""
    try:
        found = [Fraction(part.strip()) for part in text.split(",")]
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(
            f"'{text}' is neither shares (1/3,2/3,1) nor a number of looks."
        ) from None
    count = int(found[0]) if len(found) == 1 and found[0].denominator == 1 else 0
    if 1 < count <= MOST_LOOKS:
        found = [Fraction(look, count) for look in range(1, count + 1)]
    return tuple(map(float, found))


def read_rule(text: str) -> BoundRule:
    """A rule with its numbers after a colon, `hwang-shih-decani:-4`; BadParameter if unreadable.

    Whether there is a rule of that name, the design says.
    """
    name, _, after = text.partition(":")
    try:
        numbers = tuple(float(Fraction(part)) for part in after.split(",")) if after else ()
    except (ValueError, ZeroDivisionError):
        raise click.BadParameter(f"'{after}' after '{name}:' is not a list of numbers.") from None
    if name in ("shares", "bounds"):
        return BoundRule(name=name, values=numbers)
    if len(numbers) > 1:
        raise click.BadParameter(f"'{name}' takes one number at most.")
    return BoundRule(name=name, parameter=numbers[0] if numbers else None)


def looks_options(*, looks: str | None) -> Callable[[Command], Command]:
    """The options `--looks`, `--efficacy`, `--futility` and `--binding` of a command."""
    options = (
        click.option(
            "--looks", type=read_shares, default=looks, show_default=looks is not None,
            metavar="SHARES", help="Shares of the events at each look, 1 at last; or their number.",
        ),
        click.option(
            "--efficacy", type=read_rule, default=OBRIEN_FLEMING, show_default=True, metavar="RULE",
            help="Its numbers after a colon: hwang-shih-decani:-4, shares:0.1,1 or bounds:3,2.",
        ),
        click.option(
            "--futility", type=read_rule, metavar="RULE", help="Spends 1 - power; else none."
        ),
        click.option("--binding", is_flag=True, help="Futility must be obeyed."),
    )  # fmt: skip

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add
