"""iRECIST (Seymour 2017; D3.8): unconfirmed and confirmed progression at each assessment.

Nothing is held here (rule R12 is none of it): iRECIST has its own way to wait for a second scan.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from equipoise.derive.irecist_states import (
    UNKNOWN,
    Category,
    Facts,
    Flags,
    Ints,
    IResponse,
    Memory,
    Step,
    Track,
    follow_subjects,
)
from equipoise.derive.irecist_words import (
    category_bits,
    name_categories,
    name_responses,
    say_track,
)
from equipoise.derive.new_lesion_sums import with_increase
from equipoise.derive.schemas import (
    IRESPONSES,
    KEY,
    VISIT_KEY,
    conform,
    derived_schema,
)

_CODES = {
    "NE": IResponse.NE,
    "NED": IResponse.NED,
    "NON-CR/NON-PD": IResponse.NON,
    "SD": IResponse.SD,
    "PR": IResponse.PR,
    "CR": IResponse.CR,
    "PD": IResponse.PD,
}
_NO = pl.lit([], dtype=pl.List(pl.String))


@dataclass(frozen=True, slots=True, kw_only=True)
class IRecist:
    """The responses of every assessment, and the progressions that count."""

    iresponses: pl.DataFrame
    iprogression: pl.DataFrame


def derive_irecist(
    responses: pl.DataFrame, *, series: pl.DataFrame, new_sums: pl.DataFrame
) -> IRecist:
    """iRECIST from the RECIST responses (nothing held), the lesions and the new lesions followed.

    A later scan changes no earlier response; only which iUPD counts, and whether it is confirmed.
    """
    rows = _assemble(responses, series=series, new_sums=new_sums)
    track, memory = follow_subjects(_facts(rows))
    return IRecist(
        iresponses=_list_responses(rows, track),
        iprogression=_list_progressions(rows, track, memory),
    )


def _assemble(
    responses: pl.DataFrame, *, series: pl.DataFrame, new_sums: pl.DataFrame
) -> pl.DataFrame:
    rows = responses.sort(*KEY, "order")
    for part in (_non_targets_larger(series), _with_first_sightings(new_sums, rows)):
        rows = rows.join(part, on=list(VISIT_KEY), how="left", maintain_order="left")
    first = pl.col("order") == 0
    return rows.with_columns(
        base=_base().replace_strict(_CODES, return_dtype=pl.Int64),
        subject_number=first.cast(pl.Int64).cum_sum() - 1,
    )


def _with_first_sightings(new_sums: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The new lesions of each visit, with the later entry that made a first sighting certain."""
    sighted = rows.select(*VISIT_KEY, "new_entries").drop_nulls("new_entries")
    both = new_sums.join(sighted, on=list(VISIT_KEY), how="left")
    all_new = pl.concat_list(pl.col("new_seen_entries"), pl.col("new_entries").fill_null(_NO))
    return both.with_columns(new_seen_entries=all_new.list.unique(maintain_order=True)).drop(
        "new_entries"
    )


def _non_targets_larger(series: pl.DataFrame) -> pl.DataFrame:
    """Per visit: whether a non-target lesion is unequivocally larger than when last read."""
    rows = series.filter(pl.col("role") == "non_target")  # sorted by lesion and visit
    said = with_increase(
        rows.with_columns(start_tenths="baseline_tenths"), later=pl.lit(value=True)
    )
    return said.group_by(VISIT_KEY).agg(non_target_larger=pl.col("unequivocal").any())


def _base() -> pl.Expr:
    """The table of D3.5 without its column of new lesions; with some present there is no CR."""
    target, other = pl.col("target_response"), pl.col("non_target_response")
    progressed = (target == "PD").fill_null(value=False) | (other == "PD").fill_null(value=False)
    there = pl.col("new_count").is_not_null() & ~pl.col("new_gone").fill_null(value=False)
    alone = pl.when((other == "CR") & there).then(pl.lit("NON-CR/NON-PD")).otherwise(other)
    return (
        pl.when(progressed)
        .then(pl.lit("PD"))
        .when(pl.col("has_baseline").is_null())
        .then(pl.lit("NE"))
        .when(target.is_null())
        .then(alone.fill_null("NED"))
        .when((target == "CR") & (there | (other.fill_null("CR") != "CR")))
        .then(pl.lit("PR"))
        .otherwise(target)
    )


def _facts(rows: pl.DataFrame) -> Facts:
    """The columns of the assembled assessments as arrays; what is empty is no or unknown."""

    def flag(condition: pl.Expr) -> Flags:
        return rows.select(condition.fill_null(value=False)).to_series().to_numpy()

    def number(name: str, *, empty: int = UNKNOWN) -> Ints:
        return rows[name].fill_null(empty).cast(pl.Int64).to_numpy()

    target, other = pl.col("target_response"), pl.col("non_target_response")
    return Facts(
        subject=number("subject_number"),
        order=number("order"),
        day=rows["first_date"].cast(pl.Int32).cast(pl.Int64).to_numpy(),
        base=number("base"),
        target_progressed=flag(target == "PD"),
        target_unread=flag(target == "NE"),
        back=flag(pl.col("back")),
        total=number("sum_tenths"),
        available=number("available", empty=0),
        non_target_progressed=flag(other == "PD"),
        non_target_unread=flag(other == "NE"),
        non_target_larger=flag(pl.col("non_target_larger")),
        shown=flag(pl.col("index_shown") | pl.col("other_shown")),
        new_here=flag(pl.col("new_here") > 0),
        new_count=number("new_count", empty=0),
        new_sum=number("new_sum"),
        new_available=number("new_available", empty=0),
        **{
            name: flag(pl.col(name))
            for name in (
                "new_grown",
                "new_other_larger",
                "new_other_unequivocal",
                "new_gone",
                "new_read",
            )
        },
    )


def _list_responses(rows: pl.DataFrame, track: Track) -> pl.DataFrame:
    """A row an assessment after baseline, as declared."""
    confirmed = track.step == Step.CONFIRMED
    confirming = category_bits(track.ways)
    started = rows["visit"].gather(np.where(track.row < 0, 0, track.row))
    told = rows.with_columns(
        iresponse=name_responses(track.response),
        categories=name_categories(track.causes),
        confirmed_by=name_categories(confirming),
        words=say_track(track),
        confirms=started,
        _confirmed=pl.Series(confirmed),
        _by_target=pl.Series(confirming & int(Category.TARGET) != 0),
        _by_other=pl.Series(confirming & int(Category.NON_TARGET) != 0),
        new_target_sum_tenths_mm="new_sum",
    ).with_columns(
        itarget=_own("target_response", confirmed="_by_target"),
        inon_target=_own("non_target_response", confirmed="_by_other"),
        confirms=pl.when("_confirmed").then("confirms"),
        entries=_all_entries(),
    )
    return conform(told, schema=IRESPONSES)


def _own(name: str, *, confirmed: str) -> pl.Expr:
    """The response of one category in the letters of iRECIST."""
    letters = {
        "CR": "iCR",
        "PR": "iPR",
        "SD": "iSD",
        "PD": "iUPD",
        "NON-CR/NON-PD": "NON-iCR/NON-iUPD",
        "NE": "NE",
    }
    own = pl.col(name).replace_strict(letters, return_dtype=pl.String)
    return pl.when(confirmed).then(pl.lit("iCPD")).otherwise(own)


def _list_progressions(rows: pl.DataFrame, track: Track, memory: Memory) -> pl.DataFrame:
    """Per subject the first iUPD of its last sequence, unless the bar was reset after it.

    D3.8: confirmed, or never followed by another response (death, stop, data cut).
    """
    begun = memory.row[memory.causes > 0]
    confirmed = memory.confirmed[memory.causes > 0]
    place = pl.DataFrame(
        {"subject_number": rows["subject_number"].gather(begun), "confirmed": confirmed}
    )
    causes = pl.Series(track.causes[begun])
    shown = rows[begun].with_columns(
        **{
            name: pl.Series((causes.to_numpy() & int(bit)) != 0)
            for name, bit in (
                ("_target", Category.TARGET),
                ("_other", Category.NON_TARGET),
                ("_new", Category.NEW),
            )
        }
    )
    closing = rows.filter(pl.Series(track.step == Step.CONFIRMED)).select(
        "subject_number",
        later=_all_entries(),
    )
    own = shown.join(place, on="subject_number", maintain_order="left").join(
        closing, on="subject_number", how="left", maintain_order="left"
    )
    return conform(
        own.with_columns(progression_date=_sign_date(), entries=_sign_entries()),
        schema=derived_schema("iprogression"),
    )


def _sign_date() -> pl.Expr:
    """The earliest day that shows a category of the iUPD."""
    new = pl.min_horizontal("new_date", "new_seen_date")
    return pl.coalesce(
        pl.min_horizontal(
            pl.when("_target").then("target_date"),
            pl.when("_other").then("non_target_date"),
            pl.when("_new").then(new),
        ),
        "first_date",
    )


def _sign_entries() -> pl.Expr:
    chosen = [
        pl.when("_target").then("target_entries").fill_null(_NO),
        pl.when("_other").then("non_target_entries").fill_null(_NO),
        pl.when("_new").then("new_seen_entries").fill_null(_NO),
        pl.col("later").fill_null(_NO),
    ]
    return pl.concat_list(chosen).list.unique(maintain_order=True)


def _all_entries() -> pl.Expr:
    names = ("target_entries", "non_target_entries", "new_seen_entries")
    return pl.concat_list([pl.col(name).fill_null(_NO) for name in names])
