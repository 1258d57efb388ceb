"""`equipoise protocol`: is a text sound, what does an amendment change, a draft from a record."""

from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NoReturn

import click

from equipoise.cli.output import (
    FINDINGS,
    MISUSE,
    finding_values,
    leave,
    print_findings,
    print_json,
)
from equipoise.cli.protocol_diff import print_diff
from equipoise.cli.protocol_draft import draft
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import SHIPPED, Parsed, decode_texts, read_files, read_protocol
from equipoise.protocol.schema import build_schema

DEFAULT = "oligo_rcc"

protocol_option = click.option(
    "--protocol",
    "protocol_name",
    default=DEFAULT,
    show_default=True,
    metavar="NAME|FOLDER",
    help="The protocol: the name of one that ships with the program, or a folder.",
)


@click.group()
def protocol() -> None:
    """Check a protocol text, compare two versions, or draft one from a registry record."""


@protocol.command()
@click.argument("name", default=DEFAULT, metavar="[NAME|FOLDER]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check(name: str, as_json: bool) -> None:
    """Read a protocol and tell every problem, each with its place and its mend."""
    parsed = _read(name)
    read = parsed.protocol
    digest = fingerprint(read) if read else None
    if as_json:
        print_json({"fingerprint": digest, "problems": finding_values(parsed.problems)})
    elif read is None:
        print_findings(parsed.problems)
        click.echo(f"{len(parsed.problems)} problems.", err=True)
    else:
        items = sum(len(form.item) for form in read.form)
        click.echo(f"{read.identity.id} {read.identity.version}: no problem found.")
        click.echo(
            f"{len(read.form)} forms, {items} items, {len(read.endpoint)} endpoints, "
            f"{len(read.analysis)} analyses."
        )
        click.echo(f"Fingerprint {digest}")
    if read is None:
        leave(FINDINGS)


protocol.add_command(draft)


@protocol.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(old: str, new: str, as_json: bool) -> None:
    """Tell what the protocol NEW changes against OLD, and what becomes of what was entered.

    Each is the name of a protocol that ships with the program, or a folder. Ends with 1 where
    they differ.
    """
    print_diff(load_protocol(old), new=load_protocol(new), as_json=as_json)


@protocol.command()
def schema() -> None:
    """Print the JSON Schema of a protocol: its blocks, and the options of every method."""
    print_json(build_schema())


def load_protocol(name: str) -> Protocol:
    """The protocol of that name or folder; ends the command with its problems otherwise."""
    parsed = _read(name)
    if parsed.protocol is None:
        print_findings(parsed.problems)
        leave(FINDINGS)
    return parsed.protocol


def load_texts(name: str) -> Mapping[str, str]:
    """The files of the protocol of that name or folder, as a site keeps them."""
    return decode_texts(read_files(_place(name)))[0]


def _read(name: str) -> Parsed:
    return read_protocol(_place(name))


def _place(name: str) -> Path | Traversable:
    shipped = files(SHIPPED) / name
    if "/" not in name and (shipped / "trial.toml").is_file():
        return shipped
    if not Path(name).is_dir():
        _refuse(name)
    return Path(name)


def _refuse(name: str) -> NoReturn:
    names = sorted(each.name for each in files(SHIPPED).iterdir() if each.is_dir())
    known = ", ".join(each for each in names if not each.startswith("_"))
    click.echo(f"There is no folder '{name}' and no shipped protocol of that name.", err=True)
    click.echo(f"Name a folder with a trial.toml, or one of: {known}.", err=True)
    leave(MISUSE)
