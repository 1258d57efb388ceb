"""The site of the demonstration: filled with a rehearsed trial once, and who may look at it.

`python -m equipoise.cli.demo_site FOLDER` does it in a process of its own, for `serve --demo`.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
from click.core import ParameterSource

from equipoise.cli.output import leave
from equipoise.cli.protocol import DEFAULT, load_protocol, load_texts
from equipoise.cli.site_database import Addresses, connect_django, open_embedded, refuse
from equipoise.store.demo_secrets import DEMO_PASSWORD

OUTPUT = Path("demo")  # where `equipoise demo` writes
SITE = "site"  # the folder of the site in it
SCENARIO, SEED = "S2", 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the demonstration is filled with; `subjects` 0: as many as the protocol plans."""

    protocol_name: str = DEFAULT
    scenario: str = SCENARIO
    seed: int = SEED
    subjects: int = 0


def choose_folder(data: Path) -> Path:
    """The folder that --data names, else that of `equipoise demo`, whatever the environment says.

    There a real trial may be named.
    """
    named = click.get_current_context().get_parameter_source("data")
    return data if named is ParameterSource.COMMANDLINE else OUTPUT / SITE


def words_to_look(data: Path) -> str:
    """The command that shows the site, as it is typed here."""
    program = "equipoise" if shutil.which("equipoise") else sys.argv[0]
    return f"{program} serve --demo{'' if data == OUTPUT / SITE else f' --data {data}'}"


def fill_demo_site(database: Addresses, *, filled: Filled) -> bool:
    """Fills the site where it is empty, and says whether it was; its tables are there.

    Refused where another rehearsal is in it: somebody may have worked in that.
    """
    connect_django(database)
    from equipoise.store.read_rehearsed import Rehearsed, read_rehearsed

    found = read_rehearsed()
    if found not in {None, Rehearsed(scenario=filled.scenario, seed=filled.seed)}:
        refuse(f"The site holds another trial, {found}. Remove its folder to fill it anew.")
    if found is None:
        _fill(filled)
    return found is None


def _fill(filled: Filled) -> None:
    from equipoise.store.demo import Demo, open_demo

    demo = Demo(
        protocol=load_protocol(filled.protocol_name),
        texts=load_texts(filled.protocol_name),
        scenario=filled.scenario,
        seed=filled.seed,
        now=datetime.now(UTC),
        subjects=filled.subjects,
    )
    with click.progressbar(length=100, label="Filling the site     ") as bar:
        open_demo(demo, progress=lambda share: bar.update(int(100 * share) - bar.pos))
        bar.update(100 - bar.pos)


def show_in_own_process(data: Path) -> None:
    """Fills the site where it is empty and prints its accounts; this process stays without it."""
    call = [sys.executable, "-m", "equipoise.cli.demo_site", str(data)]
    done = subprocess.run(call, check=False)  # noqa: S603
    if done.returncode != 0:
        leave(done.returncode)


def _show(data: Path) -> None:
    with open_embedded(data) as database:
        fill_demo_site(database, filled=Filled())
        _print_accounts()
        close_connections()


def close_connections() -> None:
    """Closes the connections to the site, so that its server can stop."""
    from django.db import connections

    connections.close_all()


def _print_accounts() -> None:
    from equipoise.store.demo import read_demo_accounts

    click.echo("Rehearsed patients, not real ones. Log in as one of")
    click.echo(f"\n  {'role':28}{'user name':28}{'site':6}password")
    for role, username, site in read_demo_accounts():
        click.echo(f"  {role:28}{username:28}{site or 'all':6}{DEMO_PASSWORD}")
    click.echo()


if __name__ == "__main__":
    _show(Path(sys.argv[1]))
