"""`equipoise`: the group of all commands. Each is imported when it is run: it brings much along."""

from importlib import import_module

import click

import equipoise
from equipoise.cli.quick_start import without_collection

# The command, as it stands in the file of its name, and the first sentence of its help.
COMMANDS = {
    "analyse": "Run every planned analysis of the trial in folder DATA.",
    "backup": "Write the whole trial at this instant to FILE; the site may run meanwhile.",
    "curves": "Compare the two arms of a time-to-event FILE (CSV).",
    "cut": "Cut the data of a site as of a ledger line into folder OUTPUT.",
    "demo": "Rehearse, analyse and report a whole trial, and fill a site with it.",
    "derive": "Derive every endpoint of the trial in folder DATA.",
    "design": "Plan the size of a trial and its looks, and forecast its course.",
    "explain": "Explain the endpoint of one subject of the trial in folder DATA.",
    "ledger": "Verify the ledger of a trial, or show its lines.",
    "operating": "Simulate what a plan is worth, for scenarios and a grid of parameters.",
    "protocol": "Check a protocol text, compare two versions, or draft one from a registry record.",
    "queries": "Let the program ask what the data leave open.",
    "randomise": "Try a randomisation before the first subject.",
    "rehearse": "Draw a whole trial by a scenario into folder OUTPUT.",
    "report": "Report the trial in folder DATA as one HTML file.",
    "restore": "Fill a new data folder (or empty database) from FILE, and replay its ledger.",
    "serve": "Run the site of a trial until it is stopped (Ctrl-C or SIGTERM).",
    "trial": "Open the trial of a site.",
    "users": "People who may log in.",
    "vocab": "Import wording that is no part of the program.",
}
ELSEWHERE = {"restore": "backup"}


class Commands(click.Group):
    """The commands by name; the help of the program is told without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        with without_collection():
            module = import_module(f"equipoise.cli.{ELSEWHERE.get(cmd_name, cmd_name)}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        shown = {name: click.Command(name, help=text) for name, text in COMMANDS.items()}
        rows = [(name, one.get_short_help_str(limit)) for name, one in shown.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=Commands)
@click.version_option(equipoise.__version__, prog_name="equipoise")
def main() -> None:
    """Run a randomised clinical trial end to end from one protocol text."""
