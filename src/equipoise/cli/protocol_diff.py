"""`equipoise protocol diff`: what an amendment changes, and what becomes of what was entered."""

from collections.abc import Sequence
from itertools import groupby

import click

from equipoise.cli.output import FINDINGS, leave, print_json
from equipoise.protocol.diff import Change, diff
from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.migration import Move, MoveKind, plan_migration
from equipoise.protocol.model import Protocol

_TITLES = {
    MoveKind.CARRY: "carried over",
    MoveKind.LEAVE: "left behind",
    MoveKind.CHECK: "checked again",
    MoveKind.DECIDE: "to be decided",
}


def print_diff(old: Protocol, *, new: Protocol, as_json: bool) -> None:
    """Prints every difference and the plan of migration; ends with 1 where there is one."""
    changes, moves = diff(old, new=new), plan_migration(old, new=new)
    if as_json:
        print_json(_values(old, new, changes, moves))
    elif changes:
        _print_changes(changes)
        _print_moves(moves)
    else:
        click.echo(f"No difference: both have the fingerprint {fingerprint(new)}.")
    if changes:
        leave(FINDINGS)


def _values(
    old: Protocol, new: Protocol, changes: Sequence[Change], moves: Sequence[Move]
) -> dict[str, object]:
    return {
        "old": {"version": old.identity.version, "fingerprint": fingerprint(old)},
        "new": {"version": new.identity.version, "fingerprint": fingerprint(new)},
        "changes": [
            {"part": c.part, "where": c.where, "kind": c.kind.value, "words": c.words}
            for c in changes
        ],
        "migration": [
            {
                "form": move.form,
                "item": move.item,
                "kind": move.kind.value,
                "to": move.to,
                "codes": list(move.codes),
                "words": move.words,
            }
            for move in moves
        ],
    }


def _print_changes(changes: Sequence[Change]) -> None:
    for part, group in groupby(changes, key=lambda change: change.part):
        click.echo(part.replace("_", " "))
        for change in group:
            click.echo(f"  {change}")


def _print_moves(moves: Sequence[Move]) -> None:
    click.echo("What was entered" if moves else "Nothing that was entered is touched.")
    for move in moves:
        place = f"form {move.form}" + (f", item {move.item}" if move.item else "")
        click.echo(f"  {_TITLES[move.kind]}: {place}: {move.words}")
