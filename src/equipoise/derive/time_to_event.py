"""The one engine of time-to-event endpoints: an endpoint is data (D2.3, D2.5, D2.7).

Steps, for each endpoint and convention: origin of each unit (subject or lesion); first event and
first competing event over the sources; new therapy and missed assessments as the convention says;
last censoring date; the rule that decides, its words, and the entries that it rests on.
"""

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.candidates import find_first_events, find_last_censors, find_switches
from equipoise.derive.decision import NO_DATE, NOT_AT_RISK, decide
from equipoise.derive.reading import PLAIN, Reading, derive_origins
from equipoise.derive.schemas import TIMES, conform
from equipoise.protocol.model import Protocol

_NO_DATE_WORDS = "no date after the origin: censored on day 1"
_NOT_AT_RISK_WORDS = "the event came before the origin: not at risk"


def derive_times(sources: Frames, protocol: Protocol) -> pl.DataFrame:
    """Every time-to-event endpoint of the protocol by every convention, a row a unit.

    `sources` holds the complete forms (as of a cut) and the derived frames. `days`, `cause` and
    `end_date` are null for a unit whose event came before its origin.
    """
    rows = [
        _derive_reading(
            Reading(sources=sources, protocol=protocol, endpoint=endpoint, convention=convention)
        )
        for endpoint in protocol.endpoint
        if endpoint.kind == "time_to_event"
        for convention in endpoint.convention or (PLAIN,)
    ]
    return pl.concat(rows) if rows else pl.DataFrame(schema=TIMES)


def _derive_reading(reading: Reading) -> pl.DataFrame:
    units = derive_origins(reading)
    switches = find_switches(reading, units=units)
    events = find_first_events(reading, units=units, switches=switches)
    censors = find_last_censors(reading, units=units, switches=switches)
    rows = units
    for part in (events, censors, switches):
        rows = rows.join(part, on=reading.key, how="left", maintain_order="left")
    return _print(reading, decide(reading, rows=rows))


def _print(reading: Reading, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of the endpoint as declared: days = end - start + 1 (D2.2)."""
    happened = pl.col("happened")
    out = (pl.col("event_date") < pl.col("start_date")).fill_null(value=False)
    end = pl.when(happened).then("event_date").otherwise(pl.coalesce("last_date", "start_date"))
    cause = pl.when(happened).then("cause").otherwise(pl.lit(0, dtype=pl.Int8))
    rule = pl.when(out).then(pl.lit(NOT_AT_RISK)).otherwise(pl.col("rule").fill_null(NO_DATE))
    decided = pl.when(pl.col("decided_by").list.len() > 0).then("decided_by")
    named = rows.with_columns(
        **_names(reading),
        end_date=pl.when(~out).then(end),
        cause=pl.when(~out).then(cause),
        rule=rule,
        entries=pl.coalesce(decided, "start_entries").list.unique(maintain_order=True),
    )
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days() + 1
    done = named.with_columns(days=days, words=_words(reading))
    return conform(done, schema=TIMES)


def _names(reading: Reading) -> dict[str, pl.Expr]:
    lesion = pl.col("lesion") if "lesion" in reading.key else pl.lit("")
    parts = [
        pl.lit(f"{reading.endpoint.id}/{reading.convention.id}"),
        *map(pl.col, reading.key[1:]),
    ]
    return {
        "row": pl.concat_str(parts, separator="/"),
        "lesion": lesion,
        "endpoint": pl.lit(reading.endpoint.id),
        "convention": pl.lit(reading.convention.id),
    }


def _words(reading: Reading) -> pl.Expr:
    """What the convention says of the rule, else what its source says."""
    said = pl.col("rule").replace_strict(
        reading.convention.words, default=None, return_dtype=pl.String
    )
    ended = pl.coalesce("switch_words", "censor_words")
    own = pl.when("happened").then("event_words").otherwise(ended)
    out = pl.when(pl.col("rule") == NOT_AT_RISK).then(pl.lit(_NOT_AT_RISK_WORDS))
    return pl.coalesce(out, said, own, pl.lit(_NO_DATE_WORDS))
