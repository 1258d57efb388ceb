"""`equipoise`: the group of all commands."""

import click

import equipoise
from equipoise.cli.analyse import analyse
from equipoise.cli.backup import backup, restore
from equipoise.cli.curves import curves
from equipoise.cli.cut import cut
from equipoise.cli.demo import demo
from equipoise.cli.derive import derive
from equipoise.cli.explain import explain
from equipoise.cli.ledger import ledger
from equipoise.cli.protocol import protocol
from equipoise.cli.queries import queries
from equipoise.cli.randomise import randomise
from equipoise.cli.rehearse import rehearse
from equipoise.cli.report import report
from equipoise.cli.serve import serve
from equipoise.cli.trial import trial
from equipoise.cli.users import users
from equipoise.cli.vocab import vocab


@click.group()
@click.version_option(equipoise.__version__, prog_name="equipoise")
def main() -> None:
    """Run a randomised clinical trial end to end from one protocol text."""


STUDY = (demo, protocol, rehearse, derive, explain, analyse, report, curves, vocab)
SITE = (serve, trial, users, randomise, queries, ledger, cut, backup, restore)
for command in STUDY + SITE:
    main.add_command(command)
