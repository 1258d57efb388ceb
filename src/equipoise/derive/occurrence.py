"""Occurrences: adverse events that may fall into the window of an endpoint (D2.6)."""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.schemas import KEY, OCCURRENCES, WORST_GRADES, conform
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import compile_rule
from equipoise.protocol.scope import frame_scope
from equipoise.vocab.ctcae import read_ctcae


def derive_events(frames: Frames, *, first_treatment: pl.DataFrame) -> pl.DataFrame:
    """The adverse events with completed dates and treatment emergence.

    D2.2: a partial onset is the earliest day compatible with its known parts, but the day of the
    first treatment where that is possible (conservative: treatment-emergent) and the event had not
    ended before. An unknown end is the last day it can be; no end means ongoing.
    """
    rows = frames["ae"].join(
        first_treatment.select(*KEY, first_treatment_date="date"), on=list(KEY), how="left"
    )
    start = pl.col("first_treatment_date")
    ended = (pl.col("end_latest_date") < start).fill_null(value=False)
    possible = start.is_between("onset_earliest_date", "onset_latest_date") & ~ended
    onset = pl.when(possible).then(start).otherwise("onset_earliest_date")
    return rows.with_columns(onset=onset).with_columns(
        treatment_emergent=(pl.col("onset") >= start).fill_null(value=False)
    )


def derive_occurrences(events: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """For each occurrence endpoint the events that its sources let through, whatever the day."""
    parts = [
        _of_endpoint(events, protocol, endpoint=endpoint)
        for endpoint in protocol.endpoint
        if endpoint.kind == "occurrence"
    ]
    return pl.concat(parts) if parts else pl.DataFrame(schema=OCCURRENCES)


def derive_worst_grades(events: pl.DataFrame) -> pl.DataFrame:
    """The worst grade of each treatment-emergent term of each subject, with its class."""
    classes = {name: term.soc for name, term in read_ctcae().items()}
    rows = events.filter("treatment_emergent").drop_nulls(["term", "grade"])
    worst = rows.group_by(*KEY, "term").agg(
        pl.col("grade").max(),
        entries=pl.col("entry").filter(pl.col("grade") == pl.col("grade").max()).sort(),
    )
    soc = pl.col("term").replace_strict(classes, default="not in CTCAE", return_dtype=pl.String)
    return conform(worst.with_columns(soc=soc).sort(*KEY, "term"), schema=WORST_GRADES)


def _of_endpoint(events: pl.DataFrame, protocol: Protocol, *, endpoint: Endpoint) -> pl.DataFrame:
    kept = []
    for source in endpoint.event:
        if source.frame != "ae":
            raise ValueError(f"occurrences are read from 'ae', not from '{source.frame}'")
        scope = frame_scope(protocol, frame=source.frame) or {}
        rows = events.filter(compile_rule(source.where, scope=scope)) if source.where else events
        kept.append(rows)
    rows = pl.concat(kept).unique(["replicate", "entry"], keep="first", maintain_order=True)
    row = pl.concat_str(pl.lit(f"{endpoint.id}//"), "entry")
    done = rows.with_columns(
        row=row,
        endpoint=pl.lit(endpoint.id),
        onset_date=pl.col("onset"),
        end_date=pl.col("end_latest_date"),
        entries=pl.concat_list("entry"),
    )
    return conform(done.drop_nulls("onset_date").sort(*KEY, "row"), schema=OCCURRENCES)
