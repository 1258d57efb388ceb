"""Plant errors in rehearsed entries, and say which check must find each (D8.4)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.capture.frames import SUBJECT_KEY, Frames, to_frame
from equipoise.protocol.model import Protocol
from equipoise.simulate.cohort import Cohort, draw_uniform
from equipoise.simulate.dirt_kinds import KINDS, Kind
from equipoise.simulate.purpose import Purpose

PLANTED_SCHEMA = {
    "kind": pl.String(),
    "code": pl.String(),
    "form": pl.String(),
    "item": pl.String(),
    "replicate": pl.Int32(),
    "subject": pl.String(),
    "entry": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Spoilt entries, and a row for each error: its kind, place and the code that must find it."""

    frames: Frames
    planted: pl.DataFrame


def plant_errors(
    frames: Frames,
    *,
    protocol: Protocol,
    seed: int,
    rate: float = 0.02,
    kinds: Mapping[str, Kind] = KINDS,
) -> Planted:
    """The entries with errors of each kind in a share `rate` of the subjects, at least in one.

    A subject has one error at most, so that none hides or causes another. A kind that fits no
    entry plants none.
    """
    spoilt = dict(frames)
    subjects = frames["rand"].select(SUBJECT_KEY).unique()
    wanted = max(1, round(rate * subjects.height))
    free = subjects
    planted = [pl.DataFrame(schema=PLANTED_SCHEMA)]
    for number, (name, kind) in enumerate(kinds.items()):
        candidates = kind.candidates(spoilt).join(free, on=SUBJECT_KEY, how="semi")
        chosen = _choose(candidates, seed=seed, number=number, wanted=wanted)
        if chosen.is_empty():
            continue
        spoilt, entries = _spoil(spoilt, protocol, kind, chosen)
        planted.append(_tell(entries, name, kind))
        free = free.join(chosen, on=SUBJECT_KEY, how="anti")
    return Planted(frames=spoilt, planted=pl.concat(planted))


def _choose(candidates: pl.DataFrame, *, seed: int, number: int, wanted: int) -> pl.DataFrame:
    """At most one candidate entry a subject, and `wanted` of those, by chance."""
    rows = np.arange(candidates.height, dtype=np.int64)
    named = Cohort(seed=seed, replicate=np.full_like(rows, number), subject=rows)
    chance = draw_uniform(named, purpose=Purpose.DIRT, count=1)[:, 0]
    order = candidates.with_columns(chance=pl.Series(chance)).sort("chance")
    return order.unique(SUBJECT_KEY, keep="first", maintain_order=True).head(wanted).drop("chance")


def _spoil(
    frames: dict[str, pl.DataFrame], protocol: Protocol, kind: Kind, chosen: pl.DataFrame
) -> tuple[dict[str, pl.DataFrame], pl.DataFrame]:
    """The frames with the chosen entries spoilt, and those entries as they now are."""
    form = protocol.form_named(kind.form)
    frame = frames[kind.form].with_row_index("place")
    key = [*SUBJECT_KEY, "entry"]
    marked = frame.join(chosen.select(key), on=key, how="semi")
    bad = marked.join(chosen.select(*key, *kind.uses), on=key, how="left")
    bad = bad.with_columns(**kind.spoil).drop(kind.uses)
    kept = frame if kind.is_added else frame.join(marked.select("place"), on="place", how="anti")
    both = pl.concat([kept, bad]).sort("place", maintain_order=True).drop("place")
    after = {**frames, kind.form: to_frame(both, form=form)}
    for other, rows in kind.also(frames, chosen).items():
        extra = to_frame(rows, form=protocol.form_named(other))
        after[other] = pl.concat([after[other], extra])
    return after, to_frame(bad.drop("place"), form=form)


def _tell(entries: pl.DataFrame, name: str, kind: Kind) -> pl.DataFrame:
    said = entries.select(
        kind=pl.lit(name),
        code=pl.lit(kind.code),
        form=pl.lit(kind.form),
        item=pl.lit(kind.item),
        replicate="replicate",
        subject="subject",
        entry="entry",
    )
    return said.select(pl.col(name).cast(dtype) for name, dtype in PLANTED_SCHEMA.items())
