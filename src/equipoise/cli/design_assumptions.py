"""The options that change what a protocol's size is assumed from, for several commands."""

from collections.abc import Callable
from typing import Any

import click

_OPTIONS = (
    click.option(
        "--reference", type=float, help="Share of the reference arm; else the protocol's."
    ),
    click.option("--experimental", type=float, help="Share of the experimental arm."),
    click.option("--ratio", type=float, help="Experimental to reference subjects."),
    click.option("--dropout", type=float, help="Share that leaves; n/(1 - share) are enrolled."),
    click.option("--alpha", type=float, help="Type I error."),
    click.option("--sides", type=click.IntRange(1, 2), help="Of the test."),
    click.option("--power", type=float, help="Power that is wanted."),
)


def assumption_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds them, in their order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
