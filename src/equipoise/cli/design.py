"""`equipoise design`: how many subjects, what they are worth, and when they will have come."""

import click

from equipoise.cli.design_bounds import bounds
from equipoise.cli.design_forecast import forecast
from equipoise.cli.design_report import report
from equipoise.cli.design_size import size


@click.group()
def design() -> None:
    """Plan the size of a trial and its looks, and forecast its course."""


design.add_command(size)
design.add_command(bounds)
design.add_command(forecast)
design.add_command(report)
