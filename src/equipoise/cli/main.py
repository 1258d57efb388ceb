"""`equipoise`: the group of all commands."""

import click

import equipoise
from equipoise.cli.analyse import analyse
from equipoise.cli.curves import curves
from equipoise.cli.demo import demo
from equipoise.cli.derive import derive
from equipoise.cli.explain import explain
from equipoise.cli.ledger import ledger
from equipoise.cli.protocol import protocol
from equipoise.cli.randomise import randomise
from equipoise.cli.rehearse import rehearse
from equipoise.cli.report import report
from equipoise.cli.vocab import vocab


@click.group()
@click.version_option(equipoise.__version__, prog_name="equipoise")
def main() -> None:
    """Run a randomised clinical trial end to end from one protocol text."""


for command in (
    demo,
    protocol,
    randomise,
    rehearse,
    derive,
    explain,
    analyse,
    report,
    curves,
    ledger,
    vocab,
):
    main.add_command(command)
