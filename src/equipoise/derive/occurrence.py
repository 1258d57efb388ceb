"""Occurrences: adverse events that may fall into the window of an endpoint (D2.6)."""

import polars as pl

from equipoise.derive.episodes import TERM, join_episodes
from equipoise.derive.schemas import KEY, OCCURRENCES, conform
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import compile_rule
from equipoise.protocol.scope import frame_scope


def derive_occurrences(events: pl.DataFrame, protocol: Protocol) -> pl.DataFrame:
    """For each occurrence endpoint the events that its sources let through, whatever the day.

    Records that all pass and overlap or go on from each other are one event: what was of grade 3
    and becomes grade 4 starts once, and lasts as long as it is let through.
    """
    asked = [endpoint for endpoint in protocol.endpoint if endpoint.kind == "occurrence"]
    found: dict[tuple[tuple[str, str], ...], pl.DataFrame] = {}
    parts = []
    for endpoint in asked:
        sources = tuple((source.frame, source.where) for source in endpoint.event)
        if sources not in found:  # endpoints that differ by clock alone share their events
            found[sources] = _let_through(events, protocol, endpoint=endpoint)
        parts.append(_of_endpoint(found[sources], endpoint))
    return pl.concat(parts) if parts else pl.DataFrame(schema=OCCURRENCES)


def _let_through(events: pl.DataFrame, protocol: Protocol, *, endpoint: Endpoint) -> pl.DataFrame:
    kept = []
    for source in endpoint.event:
        if source.frame != "ae":
            raise ValueError(f"occurrences are read from 'ae', not from '{source.frame}'")
        scope = frame_scope(protocol, frame=source.frame) or {}
        rows = events.filter(compile_rule(source.where, scope=scope)) if source.where else events
        kept.append(rows)
    rows = pl.concat(kept).unique(["replicate", "entry"], keep="first", maintain_order=True)
    return join_episodes(rows, by=(*TERM, "treatment_emergent")).sort(*KEY, "entry")


def _of_endpoint(rows: pl.DataFrame, endpoint: Endpoint) -> pl.DataFrame:
    done = rows.with_columns(
        row=pl.concat_str(pl.lit(f"{endpoint.id}//"), "entry"),
        endpoint=pl.lit(endpoint.id),
        onset_date=pl.col("onset"),
        end_date=pl.col("end"),
    )
    return conform(done, schema=OCCURRENCES)
