"""The plan by which values entered under one version of a protocol come to stand under the next."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from equipoise.protocol.form_model import Form, Item
from equipoise.protocol.model import Protocol
from equipoise.protocol.scope import codes_of


class MoveKind(StrEnum):
    """What happens to the values of an item."""

    CARRY = "carry"  # to the item that has taken its name over
    LEAVE = "leave"  # they stay with the version under which they were entered
    CHECK = "check"  # they are carried, and the new rules are asked of them
    DECIDE = "decide"  # nobody but a person can say what becomes of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What happens to the values of an item (`item` empty: of a whole form), and why in words.

    `to` is the item that takes them over; `codes` the codes that the new version does not have.
    """

    form: str
    item: str
    kind: MoveKind
    words: str
    to: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    form: str
    old: Item
    new: Item
    lost_codes: tuple[str, ...]


def plan_migration(old: Protocol, *, new: Protocol) -> tuple[Move, ...]:
    """Every move that entries under `old` need to stand under `new`, form by form.

    What is not named is carried as it is. A value never changes on the way: where its meaning may
    have, as with another unit, a person decides.
    """
    after = {form.form: form for form in new.form}
    moves: list[Move] = []
    for form in old.form:
        if form.form not in after:
            words = "the form is gone: its entries stay with the version they were entered under"
            moves.append(_move(form.form, "", MoveKind.LEAVE, words))
        else:
            moves += _moves_of_form(form, after[form.form], old=old, new=new)
    return tuple(moves)


def _moves_of_form(form: Form, now: Form, *, old: Protocol, new: Protocol) -> Iterator[Move]:
    former = {item.renamed_from: item for item in now.entered_items if item.renamed_from}
    after = {item.name: item for item in now.entered_items}
    keys = tuple(former[name].name if name in former else name for name in form.key)
    if (keys, form.grain) != (now.key, now.grain):
        words = f"an entry was known by {_words(form.key)}, now by {_words(now.key)}"
        yield _move(form.form, "", MoveKind.DECIDE, words)
    for item in form.entered_items:
        taken = after.get(item.name) or former.get(item.name)
        if taken is None:
            words = "the item is gone: its values stay with the version they were entered under"
            yield _move(form.form, item.name, MoveKind.LEAVE, words)
            continue
        codes = codes_of(item, code_lists=old.code_list)
        left = codes_of(taken, code_lists=new.code_list)
        lost = tuple(code for code in codes if left and code not in left)
        pair = _Pair(form=form.form, old=item, new=taken, lost_codes=lost)
        yield from _moves_of_item(pair)
    names = {item.name for item in form.entered_items}
    for item in now.entered_items:
        if item.required and item.name not in names and item.renamed_from not in names:
            words = "a new item that must be answered: complete entries are asked for it"
            yield _move(form.form, item.name, MoveKind.CHECK, words)


def _moves_of_item(pair: _Pair) -> Iterator[Move]:
    old, new = pair.old, pair.new
    if new.name != old.name:
        words = f"the item is now {new.name}: its values are carried over"
        yield _move(pair.form, old.name, MoveKind.CARRY, words, to=new.name)
    if old.type is not new.type:
        words = f"its values are of another type: {old.type.value}, now {new.type.value}"
        yield _move(pair.form, old.name, MoveKind.DECIDE, words, to=new.name)
    if old.unit != new.unit:
        words = f"its values are in {old.unit or 'no unit'}, now asked in {new.unit or 'no unit'}"
        yield _move(pair.form, old.name, MoveKind.DECIDE, words, to=new.name)
    if pair.lost_codes:
        words = f"the codes {', '.join(pair.lost_codes)} are gone"
        yield Move(
            form=pair.form,
            item=old.name,
            kind=MoveKind.DECIDE,
            words=words,
            to=new.name,
            codes=pair.lost_codes,
        )
    if tighter := _tighter(old, new):
        words = f"{', '.join(tighter)}: entries are held to it, and what does not fit is asked"
        yield _move(pair.form, old.name, MoveKind.CHECK, words, to=new.name)


def _tighter(old: Item, new: Item) -> list[str]:
    """What the new item asks more than the old one did."""
    low = [(old.min, new.min, "lowest value"), (old.soft_min, new.soft_min, "lowest usual value")]
    high = [
        (old.max, new.max, "highest value"),
        (old.soft_max, new.soft_max, "highest usual value"),
    ]
    told = [w for was, now, w in low if now is not None and (was is None or now > was)]
    told += [w for was, now, w in high if now is not None and (was is None or now < was)]
    told += ["pattern"] if new.pattern and new.pattern != old.pattern else []
    told += ["answer required"] if new.required and not old.required else []
    told += ["asked under another rule"] if new.show_if != old.show_if else []
    return told


def _move(form: str, item: str, kind: MoveKind, words: str, *, to: str = "") -> Move:
    return Move(form=form, item=item, kind=kind, words=words, to=to)


def _words(key: tuple[str, ...]) -> str:
    return ", ".join(key) or "its subject alone"
