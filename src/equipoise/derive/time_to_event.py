"""The one engine of time-to-event endpoints: an endpoint is data (D2.3, D2.5, D2.7).

Steps, for each endpoint and convention: origin of each unit (subject or lesion); first event and
first competing event over the sources; new therapy and missed assessments as the convention says;
last censoring date; the rule that decides, its words, and the entries that it rests on.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.candidates import find_candidates
from equipoise.derive.date_book import DateBook, read_book
from equipoise.derive.dates import as_days
from equipoise.derive.decision import NO_DATE, NOT_AT_RISK, decide
from equipoise.derive.reading import PLAIN, Reading, derive_origins, list_units
from equipoise.derive.schemas import KEY, TIMES, conform
from equipoise.protocol.endpoint_model import Endpoint
from equipoise.protocol.model import Protocol

_NO_DATE_WORDS = "no date after the origin: censored on day 1"
_NOT_AT_RISK_WORDS = "the event came before the origin: not at risk"
_DECIDED = (
    *(*KEY, "start_date", "start_entries", "event_date", "last_date", "seen_date", "at_assessment"),
    *("happened", "cause", "event_words", "switch_words", "censor_words", "place", "also_place"),
)
_GONE_WORDS = "no longer followed at the landmark: not at risk"


def derive_times(readings: Sequence[Reading]) -> pl.DataFrame:
    """The times of every reading: a row a unit, reading after reading, in the order of the units.

    `days`, `cause` and `end_date` are null for a unit that was not at risk at its origin.
    """
    if not readings:
        return pl.DataFrame(schema=TIMES)
    rows = [
        _name(reading, rows=decide(reading, rows=find_candidates(reading))) for reading in readings
    ]
    printed = _print(pl.concat(rows))
    return conform(_with_entries(printed, book=readings[0].book), schema=TIMES)


def list_readings(
    sources: Frames, protocol: Protocol, *, anchors: Mapping[str, pl.DataFrame]
) -> Iterator[Reading]:
    """Each time-to-event endpoint by each of its conventions, with its units.

    `sources` holds the complete forms (as of a cut) and the derived frames; `anchors` are those of
    `derive_anchors`.
    """
    units = list_units(sources, protocol)
    book = read_book(sources, protocol, units=units)
    named = {anchor.id: anchor for anchor in protocol.anchor}
    for endpoint in protocol.endpoint:
        if endpoint.kind == "time_to_event":
            for clock, origin in _clocks(endpoint):
                started = derive_origins(
                    anchors[origin],
                    anchor=named[origin],
                    endpoint=endpoint,
                    units=units[endpoint.grain],
                )
                numbers, starts = started["number"].to_numpy(), as_days(started["start_date"])
                for convention in endpoint.convention or (PLAIN,):
                    yield Reading(
                        sources=sources,
                        protocol=protocol,
                        endpoint=endpoint,
                        convention=convention,
                        clock=clock,
                        units=started,
                        numbers=numbers,
                        starts=starts,
                        book=book,
                    )


def _clocks(endpoint: Endpoint) -> list[tuple[str, str]]:
    """The clocks of an endpoint: its origin, and the origin of the reference arm if that differs.

    Derivation knows no arm: it counts both, and the analysis takes what belongs to each arm.
    """
    stand_in = [("reference", endpoint.reference_origin)] if endpoint.reference_origin else []
    return [("", endpoint.origin), *stand_in]


def _name(reading: Reading, *, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows under the name of the reading, with what only it knows: who is out, its words."""
    lesion = pl.col("lesion") if "lesion" in reading.key else pl.lit("")
    parts = [pl.lit(f"{reading.endpoint.id}/{reading.name}"), *map(pl.col, reading.key[1:])]
    out = _is_out(reading)
    rule = pl.when(out).then(pl.lit(NOT_AT_RISK)).otherwise(pl.col("rule").fill_null(NO_DATE))
    said = reading.convention.words
    return rows.select(
        *_DECIDED,
        row=pl.concat_str(parts, separator="/"),
        lesion=lesion,
        endpoint=pl.lit(reading.endpoint.id),
        convention=pl.lit(reading.name),
        out=out,
        rule=rule,
        said=rule.replace_strict(said, default=None, return_dtype=pl.String),
    )


def _print(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of every reading as declared: days = end - start + 1 (D2.2)."""
    happened, out = pl.col("happened"), pl.col("out")
    end = pl.when(happened).then("event_date").otherwise(pl.coalesce("last_date", "start_date"))
    cause = pl.when(happened).then("cause").otherwise(pl.lit(0, dtype=pl.Int8))
    whole = rows.with_columns(
        end_date=pl.when(~out).then(end),
        cause=pl.when(~out).then(cause),
        at_event=happened & ~out,
        words=_words(),
    )
    days = (pl.col("end_date") - pl.col("start_date")).dt.total_days() + 1
    at_risk = pl.col("days").is_not_null()
    alike = at_risk.sum().over(*KEY, "endpoint", "convention")  # D2.5: informative cluster size
    return whole.with_columns(days=days).with_columns(
        **_bounds(), weight=pl.when(at_risk).then(1.0 / alike)
    )


def _with_entries(rows: pl.DataFrame, *, book: DateBook) -> pl.DataFrame:
    """The rows with the entries that decided, and the completed part of the deciding date.

    What decided nothing rests on the entries of the origin.
    """
    place, also = rows["place"].to_numpy(), rows["also_place"].to_numpy()
    part = book.look_up("imputed", place=place)
    found = rows.with_columns(
        imputed=pl.when("at_event").then(part).otherwise(pl.lit("")),
        entries=book.look_up("entries", place=place),
        number=pl.int_range(pl.len()),
    )
    two = np.flatnonzero(also >= 0)  # few: joining lists is slow
    both = pl.DataFrame(
        {
            "number": two,
            "first": book.look_up("entries", place=place[two]),
            "second": book.look_up("entries", place=also[two]),
        }
    ).select(
        "number",
        both=pl.concat_list(pl.col("first", "second").fill_null([])).list.unique(
            maintain_order=True
        ),
    )
    joined = found.join(both, on="number", how="left", maintain_order="left")
    return joined.with_columns(entries=pl.coalesce("both", "entries", "start_entries"))


def _is_out(reading: Reading) -> pl.Expr:
    """Not at risk: the event came before the origin, or nobody was followed to the landmark."""
    before = (pl.col("event_date") < pl.col("start_date")).fill_null(value=False)
    if not reading.endpoint.landmark_days:
        return before
    nowhere = ~pl.col("happened") & pl.col("last_date").is_null()
    return before | nowhere | pl.col("ended_before")


def _bounds() -> dict[str, pl.Expr]:
    """Between which days the event happened: after `left_days`, not later than `right_days`.

    Seen at an assessment, it happened since the last adequate one (0: since the origin); a death
    has its own day. A censored time has no right bound.
    """
    seen = (pl.col("seen_date") - pl.col("start_date")).dt.total_days() + 1
    known, between = pl.col("cause") > 0, pl.col("at_assessment")
    return {
        "left_days": pl.when(known & between).then(seen.fill_null(0)).otherwise("days"),
        "right_days": pl.when(known).then("days"),
    }


def _words() -> pl.Expr:
    """What the convention says of the rule, else what its source says."""
    ended = pl.coalesce("switch_words", "censor_words")
    own = pl.when("happened").then("event_words").otherwise(ended)
    early = (pl.col("event_date") < pl.col("start_date")).fill_null(value=False)
    unseen = pl.when(early).then(pl.lit(_NOT_AT_RISK_WORDS)).otherwise(pl.lit(_GONE_WORDS))
    out = pl.when("out").then(unseen)
    return pl.coalesce(out, "said", own, pl.lit(_NO_DATE_WORDS))
