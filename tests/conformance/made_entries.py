"""Made-up entries of any form: values that the form allows, in every combination, by number.

They mean nothing clinically. So many of them make each rule true somewhere, and unknown elsewhere.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

import numpy as np
import polars as pl

from equipoise.capture.frames import Frames, to_frame
from equipoise.protocol.form_model import Form, Grain, Item, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import SHIPPED, shipped_protocol
from equipoise.protocol.scope import codes_of
from equipoise.vocab.ctcae import allowed_grades, read_ctcae
from equipoise.vocab.missing import Missing

ENTRIES_A_SUBJECT = 7
AGAIN = 0.04
BLANK = 0.04
FIRST_DAY = date(2026, 1, 1).toordinal()


def shipped_protocols() -> list[Protocol]:
    """Every trial that ships with the program."""
    folders = [place for place in files(SHIPPED).iterdir() if (place / "trial.toml").is_file()]
    return [shipped_protocol(place.name) for place in sorted(folders, key=lambda p: p.name)]


def make_frames(protocol: Protocol, *, subjects: int, seed: int = 1) -> dict[str, pl.DataFrame]:
    """Up to seven entries of every form for each subject, with items missing here and there."""
    chance = np.random.default_rng(seed)
    return {
        form.form: _make_frame(form, protocol=protocol, subjects=subjects, chance=chance)
        for form in protocol.form
    }


def blank_frames(frames: Frames, protocol: Protocol) -> dict[str, pl.DataFrame]:
    """The same entries with every item that is no key not yet known."""
    blank = {}
    for form in protocol.form:
        known = ["replicate", "subject", *form.key]
        blank[form.form] = to_frame(frames[form.form].select(known), form=form)
    return blank


def _make_frame(
    form: Form, *, protocol: Protocol, subjects: int, chance: np.random.Generator
) -> pl.DataFrame:
    key_codes = _key_codes(form, protocol)
    most = len(key_codes) if key_codes and len(form.key) == 1 else ENTRIES_A_SUBJECT
    times = most if form.key else 1
    people = np.repeat(np.arange(subjects), times)
    number = np.tile(np.arange(times), subjects) + 1
    some = chance.random(subjects) < 0.95  # the others have no entry of the form
    there = (chance.random(len(people)) < 0.8) & some[people]
    people, number = people[there], number[there]
    rows = _Rows(people=people, again=chance.random(len(people)), blank=chance.random(len(people)))
    columns: dict[str, pl.Series] = {
        "subject": pl.Series([f"01-{each:05d}" for each in people], dtype=pl.String)
    }
    for item in form.entered_items:
        if item.name in form.key:
            columns[item.name] = _make_key(item, number, form=form, protocol=protocol)
        elif item.graded_by:
            columns[item.name] = _make_grades(columns[item.graded_by])
        else:
            codes = codes_of(item, code_lists=protocol.code_list)
            columns[item.name] = _make_values(item, codes, len(people), chance)
    for item in form.entered_items:
        if item.name not in form.key:
            columns[item.name] = _thin(columns[item.name], item, form=form, rows=rows)
    columns["missing"] = _make_missing(form, columns, chance)
    return to_frame(pl.DataFrame(columns), form=form)


def _key_codes(form: Form, protocol: Protocol) -> list[str]:
    """The codes of the key item that has some; such a key has one entry a code at each place."""
    items = [form.item_named(name) for name in form.key]
    return [code for item in items for code in codes_of(item, code_lists=protocol.code_list)]


def _make_key(item: Item, number: np.ndarray, *, form: Form, protocol: Protocol) -> pl.Series:
    """The keys of that number: a visit of the schedule, a code, or a text that fits the pattern."""
    codes = _key_codes(form, protocol)
    pairs = form.grain is Grain.FRACTION and item.type is ItemType.TEXT
    if item.type is ItemType.CODE:
        return pl.Series(item.name, [codes[(int(n) - 1) % len(codes)] for n in number])
    place = (number - 1) // (len(codes) or (2 if pairs else 1)) + 1
    if item.type is ItemType.INTEGER:
        return pl.Series(item.name, place, dtype=pl.Int64)
    visits = [visit.code for visit in protocol.schedule.visit]
    texts = [
        visits[int(n) - 1] if item.name == "visit" else _fit_pattern(item.pattern, int(n))
        for n in place
    ]
    return pl.Series(item.name, texts, dtype=pl.String)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Whose each entry is, and which say the same as the one before, or nothing."""

    people: np.ndarray
    again: np.ndarray
    blank: np.ndarray


def _thin(values: pl.Series, item: Item, *, form: Form, rows: _Rows) -> pl.Series:
    """The values; now and then those of the entry before, or every other one, or none at all."""
    same = np.concatenate([[False], rows.people[1:] == rows.people[:-1]])[: len(values)]
    again = pl.Series(same & (rows.again < AGAIN))
    given = values.zip_with(~again, values.shift(1)) if form.key else values
    every_other = form.entered_items.index(item) % 2 == 0
    gone = rows.blank < (2 * BLANK if every_other else BLANK)
    return given if item.required else given.set(pl.Series(gone), None)


def _fit_pattern(pattern: str, number: int) -> str:
    """A text that fits a pattern of letters, `[A-Z]` or `[A-Z]{n}`, and `[0-9]{n}`."""
    if pattern.endswith(":[0-5][0-9]"):
        return f"{number:02}:{number:02}"
    text = re.sub(r"\[A-Z\](?:\{(\d)\})?", lambda found: "A" * int(found[1] or 1), pattern)
    text = re.sub(r"\[0-9\]\{(\d)\}", lambda found: str(number).zfill(int(found[1])), text)
    assert not pattern or re.fullmatch(pattern, text), f"no text is made for {pattern}"
    return text or f"text {number}"


def _make_values(
    item: Item, codes: Mapping[str, str], count: int, chance: np.random.Generator
) -> pl.Series:
    unknown = chance.random(count) < 0.15
    values: list[object] = [
        None if gone else _make_value(item, list(codes), chance) for gone in unknown
    ]
    kinds = {ItemType.DATE: pl.Date, ItemType.YES_NO: pl.Boolean, ItemType.INTEGER: pl.Int64}
    kind = pl.Float64 if item.type is ItemType.DECIMAL else kinds.get(item.type, pl.String)
    return pl.Series(item.name, values, dtype=kind)


def _make_value(item: Item, codes: list[str], chance: np.random.Generator) -> object:
    draw = int(chance.integers(1_000_000))
    later = 300 if draw // 100 % 8 == 0 else 0  # far enough apart for rules that count months
    day = date.fromordinal(FIRST_DAY + draw % 100 + later)
    match item.type:
        case ItemType.INTEGER | ItemType.DECIMAL:
            return _make_number(item, draw)
        case ItemType.DATE:
            return day
        case ItemType.PARTIAL_DATE:
            return day.isoformat()[: (4, 7, 10, 10)[draw % 4]]
        case ItemType.CODE:
            return codes[draw % len(codes)]
        case ItemType.YES_NO:
            return draw % 2 == 0
        case _:
            return _fit_pattern(item.pattern, draw % ENTRIES_A_SUBJECT + 1)


def _make_number(item: Item, draw: int) -> float:
    """A number within the hard range; every other decimal is among the lowest thirty."""
    low = 0 if item.min is None else int(np.ceil(item.min))
    high = 100 if item.max is None else int(item.max)
    if item.type is ItemType.INTEGER:
        return low + draw % (high - low + 1)
    top = min(high, low + 30) if draw % 2 else high
    return round(low + (top - low) * (draw % 1000) / 1000, 2)


def _make_grades(terms: pl.Series) -> pl.Series:
    """The worst grade of each term."""
    worst = {term: max(allowed_grades(term) or {1}) for term in read_ctcae()}
    return terms.replace_strict(worst, default=None, return_dtype=pl.Int64)


def _make_missing(
    form: Form, columns: Mapping[str, pl.Series], chance: np.random.Generator
) -> pl.Series:
    """A kind of missing for some of the items without a value, in the order of the form."""
    kinds = [kind.value for kind in Missing]
    names = [item.name for item in form.entered_items if item.name not in form.key]
    written = []
    for row in range(len(columns["subject"])):
        gone = [name for name in names if columns[name][row] is None]
        told = [f"{n}={kinds[int(chance.integers(4))]}" for n in gone if chance.random() < 0.5]
        written.append(";".join(told) or None)
    return pl.Series("missing", written, dtype=pl.String)
