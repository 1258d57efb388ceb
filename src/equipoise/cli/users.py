"""`equipoise users`: the first accounts, before anybody can log in."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from equipoise.capture.roles import Grant
from equipoise.cli.output import print_json
from equipoise.cli.site_database import data_option, open_trial_database, refuse
from equipoise.cli.site_secrets import read_site_key
from equipoise.vocab.role import Role


@click.group()
def users() -> None:
    """People who may log in."""


@users.command()
@data_option
@click.option("--name", required=True, help="The name as it is printed beside signatures.")
@click.option("--email", default="", help="Where a password reset goes.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--site", default="", help="The site of the role; none for the whole trial.")
@click.option("--no-password", is_flag=True, help="Nobody can log in until one is set.")
@click.argument("username")
def add(
    data: Path, name: str, email: str, role: str, site: str, no_password: bool, username: str
) -> None:
    """Add an account with one role; its password is EQUIPOISE_PASSWORD, else asked for."""
    with open_trial_database(data):
        from django.db import transaction

        from equipoise.store.actions.add_account import Person, add_account
        from equipoise.store.actions.grant_role import grant_role
        from equipoise.store.deed import OPERATOR, Deed
        from equipoise.store.refusals import RefusedError

        password = None if no_password else _read_password(username)
        deed = Deed(actor=OPERATOR, at=datetime.now(UTC))
        try:
            with transaction.atomic():  # both, or neither
                person = Person(username=username, name=name, email=email)
                add_account(person, deed=deed, password=password)
                grant_role(username, role=Role(role), site=site, deed=deed)
        except RefusedError as refusal:
            refuse(refusal)
    click.echo(
        f"{username} is {role.replace('_', ' ')} {f'at {site}' if site else 'of the trial'}."
    )


@users.command()
@data_option
@click.option("--url", envvar="EQUIPOISE_URL", show_envvar=True, metavar="URL",
              default="http://localhost:8000", show_default=True,
              help="The address that people use.")  # fmt: skip
@click.argument("username")
def reset(data: Path, url: str, username: str) -> None:
    """Take second factor and password away, and print a link to set a new password.

    The link works once, within three days. Make sure of who asks, and give it to nobody else.
    """
    os.environ["EQUIPOISE_SECRET_KEY"] = read_site_key(data)  # the site knows the link by it
    with open_trial_database(data):
        from equipoise.store.deed import OPERATOR, Deed
        from equipoise.store.refusals import RefusedError
        from equipoise.web.accounts.way_back import reset_log_in

        try:
            path = reset_log_in(username, deed=Deed(actor=OPERATOR, at=datetime.now(UTC)))
        except RefusedError as refusal:
            refuse(refusal)
    click.echo(url.rstrip("/") + path)


@users.command()
@data_option
@click.argument("username")
@click.argument("address")
def mail(data: Path, username: str, address: str) -> None:
    """Write another address of mail for an account; a new password is sent there.

    Make sure of who asks: who reads the mail of that address can log in.
    """
    with open_trial_database(data):
        from django.core.exceptions import ValidationError
        from django.core.validators import validate_email

        from equipoise.store.actions.change_account import change_account, find_account
        from equipoise.store.deed import OPERATOR, Deed
        from equipoise.store.refusals import RefusedError

        deed = Deed(actor=OPERATOR, at=datetime.now(UTC))
        try:
            validate_email(address)
            name = find_account(username).name
            change_account(username, name=name, email=address, deed=deed)
        except ValidationError:
            refuse(f"'{address}' is no address of mail.")
        except RefusedError as refusal:
            refuse(refusal)
    click.echo(f"{username} has the address {address}.")


@users.command(name="list")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(data: Path, as_json: bool) -> None:
    """List the accounts with their roles."""
    with open_trial_database(data):
        from equipoise.store.models import Account
        from equipoise.store.permission import find_grants

        accounts = list(Account.objects.order_by("username"))
        roles = {a.username: [_say(g) for g in find_grants(a.username)] for a in accounts}
    if as_json:
        print_json([
            {"username": a.username, "name": a.name, "active": a.is_active,
             "roles": roles[a.username]}
            for a in accounts
        ])  # fmt: skip
        return
    for account in accounts:
        told = ", ".join(roles[account.username]) or "-"
        click.echo(f"{account.username:20} {account.name:30} {told}")


def _say(grant: Grant) -> str:
    return f"{grant.role.value} {grant.site}".strip()


def _read_password(username: str) -> str:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    given = os.environ.get("EQUIPOISE_PASSWORD") or str(
        click.prompt(f"Password of {username}", hide_input=True, confirmation_prompt=True)
    )
    try:
        validate_password(given)
    except ValidationError as problem:
        refuse(" ".join(problem.messages))
    return given
