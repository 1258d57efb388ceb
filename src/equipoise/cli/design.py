"""`equipoise design`: how many subjects, and what they are worth, before the first patient."""

import click

from equipoise.cli.design_size import size


@click.group()
def design() -> None:
    """Plan the size of a trial."""


design.add_command(size)
