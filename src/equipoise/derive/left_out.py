"""What derivation leaves out: every entry that it could not or must not use, with the reason.

An entry that counts for nothing is told, so that nobody takes silence for use. Leaving out is no
error: an equivocal lesion that nobody confirmed is left out by a rule. Entries that reading has
refused never come here; they are findings.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.new_lesions import (
    is_certain,
    is_normal_node,
    is_old_on_pet,
    select_sightings,
    select_small_growth,
)
from equipoise.derive.schemas import KEY, LEFT_OUT, LESION_KEY, VISIT_KEY, conform
from equipoise.protocol.model import Protocol

_ENTRY = ("replicate", "entry")
_SCANS = ("les_fu", "newles")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a reason may look at: complete forms, the day each subject starts, removals."""

    forms: Frames
    start: pl.DataFrame
    removals: pl.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why entries of a form are left out: `find` gives their rows."""

    form: str
    code: str
    words: str
    find: Callable[[Known], pl.DataFrame]


TWICE = "entry-twice"
TWICE_WORDS = "stands more than once: the first by its values counts"
STRANGER = "not-randomised"
STRANGER_WORDS = "the subject is not randomised"


def put_in_order(frames: Frames) -> tuple[Frames, pl.DataFrame]:
    """The entries in one order, each once, and the rows that went because they stand again.

    Where an entry stands twice, the first by its values counts: the order of rows never matters.
    """
    kept, gone = dict(frames), [pl.DataFrame(schema=LEFT_OUT)]
    for name, frame in _filled(frames):
        again = pl.all_horizontal(pl.col(each) == pl.col(each).shift(1) for each in _ENTRY)
        again = again.fill_null(value=False)
        rows = frame.sort(_ENTRY)
        if rows.select(again.any()).item():
            rows = frame.sort([*_ENTRY, *frame.columns])
            gone.append(_told(rows.filter(again), form=name, code=TWICE, words=TWICE_WORDS))
            rows = rows.filter(~again)
        kept[name] = rows
    return kept, pl.concat(gone)


def find_start(frames: Frames, protocol: Protocol) -> pl.DataFrame:
    """The day of randomisation of each subject: replicate, subject, start."""
    form, item = protocol.randomisation.form, protocol.randomisation.date_item
    return frames[form].group_by(KEY).agg(pl.col(item).min().alias("start"))


def drop_early_scans(frames: Frames, protocol: Protocol) -> Frames:
    """The frames without the follow-up scans dated on or before randomisation: wrong dates.

    One such scan in a visit would else date a progression before the trial began.
    """
    start = find_start(frames, protocol)
    late = {}
    for form in _SCANS:
        early = _early(frames[form], start)
        if not early.is_empty():
            late[form] = frames[form].join(early, on=_ENTRY, how="anti", maintain_order="left")
    return {**frames, **late}


def derive_left_out(
    frames: Frames, protocol: Protocol, *, repeats: pl.DataFrame, removals: pl.DataFrame
) -> pl.DataFrame:
    """Each entry left out, once, with the first reason that holds for it, in order of entries.

    `repeats` are the rows that `put_in_order` took away.
    """
    start = find_start(frames, protocol)
    known = Known(forms=frames, start=start, removals=removals)
    parts = [_strangers(frames, start)]
    parts += [
        _told(each.find(known), form=each.form, code=each.code, words=each.words)
        for each in REASONS
    ]
    once = pl.concat(parts).unique(_ENTRY, keep="first", maintain_order=True)
    return pl.concat([repeats, once]).sort(*KEY, "form", "entry", "code")


def _told(rows: pl.DataFrame, *, form: str, code: str, words: str) -> pl.DataFrame:
    said = rows.select(*KEY, "entry", form=pl.lit(form), code=pl.lit(code), words=pl.lit(words))
    return conform(said, schema=LEFT_OUT)


def _strangers(frames: Frames, start: pl.DataFrame) -> pl.DataFrame:
    """Every entry of the subjects that are not randomised."""
    parts = [pl.DataFrame(schema=LEFT_OUT)]
    for name, frame in _filled(frames):
        rows = frame.join(start, on=list(KEY), how="anti")
        if not rows.is_empty():
            parts.append(_told(rows, form=name, code=STRANGER, words=STRANGER_WORDS))
    return pl.concat(parts)


def _filled(frames: Frames) -> list[tuple[str, pl.DataFrame]]:
    """The frames with a row: the catalogue has many forms that a trial may not use."""
    return [(name, frame) for name, frame in frames.items() if not frame.is_empty()]


def _early(scans: pl.DataFrame, start: pl.DataFrame) -> pl.DataFrame:
    dated = scans.join(start, on=list(KEY), how="inner")
    return dated.filter(pl.col("scan_date") <= pl.col("start"))


def _early_of(form: str) -> Callable[[Known], pl.DataFrame]:
    return lambda known: _early(known.forms[form], known.start)


def _without(form: str, date: str) -> Callable[[Known], pl.DataFrame]:
    """The entries of a form without a date by which they could count."""
    return lambda known: known.forms[form].filter(pl.col(date).is_null())


def _unlisted(known: Known) -> pl.DataFrame:
    listed = known.forms["les_bl"].select(LESION_KEY)
    return known.forms["les_fu"].join(listed, on=list(LESION_KEY), how="anti")


def _undated_visit(known: Known) -> pl.DataFrame:
    """Lesions without a date at a visit of which no scan is dated."""
    undated = known.forms["les_fu"].filter(pl.col("scan_date").is_null())
    dated = [known.forms[form].drop_nulls("scan_date").select(VISIT_KEY) for form in _SCANS]
    return undated.join(pl.concat(dated), on=list(VISIT_KEY), how="anti")


def _after_removal(known: Known) -> pl.DataFrame:
    removed = known.removals.filter(pl.col("type") == "resected").group_by(LESION_KEY)
    scans = known.forms["les_fu"].filter(~pl.col("status").is_in(["resected", "absent"]))
    rows = scans.join(
        removed.agg(gone=pl.col("removal_date").min()), on=list(LESION_KEY), how="inner"
    )
    return rows.filter(pl.col("scan_date") > pl.col("gone"))


def _new_but_listed(known: Known) -> pl.DataFrame:
    listed = known.forms["les_bl"].select(LESION_KEY)
    return known.forms["newles"].join(listed, on=list(LESION_KEY), how="semi")


def _normal_nodes(known: Known) -> pl.DataFrame:
    return known.forms["newles"].filter(is_normal_node())


def _small_growth(known: Known) -> pl.DataFrame:
    return select_small_growth(known.forms["newles"])


def _old_on_pet(known: Known) -> pl.DataFrame:
    return known.forms["newles"].filter(is_old_on_pet())


def _sightings(known: Known) -> pl.DataFrame:
    rows = select_sightings(known.forms["newles"])
    return rows.join(_early(rows, known.start), on=_ENTRY, how="anti")


def _never_certain(known: Known) -> pl.DataFrame:
    certain = (pl.col("certainty") == "unequivocal").fill_null(value=False)
    return _sightings(known).filter(~certain.any().over(LESION_KEY))


def _on_pet_alone(known: Known) -> pl.DataFrame:
    certain = (pl.col("certainty") == "unequivocal").fill_null(value=False)
    somewhere = certain.any().over(LESION_KEY)
    return _sightings(known).filter(somewhere & ~is_certain().any().over(LESION_KEY))


def _planned(known: Known) -> pl.DataFrame:
    return known.forms["subseq"].filter(pl.col("protocol_defined"))


def _other_cancer(known: Known) -> pl.DataFrame:
    return known.forms["subseq"].filter(~pl.col("against_rcc"))


_NO_DATE: Mapping[str, tuple[str, str, str]] = {
    "rand": ("randomised_date", "randomised-without-date", "no date: no time can be counted"),
    "newles": ("scan_date", "new-lesion-without-date", "no date: the lesion counts for nothing"),
    "dth": ("death_earliest_date", "death-without-date", "no date, not even a year: no death"),
    "ae": ("onset_earliest_date", "event-without-onset", "no onset: in no window"),
    "surv": ("alive_date", "contact-without-date", "no date: no contact"),
    "ex_sys": ("start_date", "dose-without-date", "no start: no exposure"),
    "subseq": ("start_date", "therapy-without-date", "no start: no new therapy"),
    "surg": ("surgery_date", "surgery-without-date", "no date: no surgery"),
}
_EARLY_WORDS = "dated on or before randomisation: no scan of follow-up"

REASONS = (
    *(
        Reason(form=form, code=code, words=words, find=_without(form, date))
        for form, (date, code, words) in _NO_DATE.items()
    ),
    *(
        Reason(
            form=form, code="scan-before-randomisation", words=_EARLY_WORDS, find=_early_of(form)
        )
        for form in _SCANS
    ),
    Reason(
        form="les_fu",
        code="lesion-not-at-baseline",
        words="the lesion is not in the baseline list",
        find=_unlisted,
    ),
    Reason(
        form="les_fu",
        code="visit-without-date",
        words="no scan of the visit is dated: no assessment",
        find=_undated_visit,
    ),
    Reason(
        form="les_fu",
        code="seen-after-removal",
        words="the lesion was removed before: it counts as gone",
        find=_after_removal,
    ),
    Reason(
        form="newles",
        code="new-lesion-at-baseline",
        words="the lesion stands in the baseline list: it is not new",
        find=_new_but_listed,
    ),
    Reason(
        form="newles",
        code="normal-node",
        words="a node under 10 mm is normal (RECIST 1.1, 4.3.2)",
        find=_normal_nodes,
    ),
    Reason(
        form="newles",
        code="node-without-growth",
        words="a node that was under 10 mm and has not grown by a fifth and 5 mm (D3.4)",
        find=_small_growth,
    ),
    Reason(
        form="newles",
        code="positive-at-baseline",
        words="FDG-PET was positive there at baseline: not new (D3.4)",
        find=_old_on_pet,
    ),
    Reason(
        form="newles",
        code="seen-on-pet-alone",
        words="on FDG-PET without one at baseline, and never on CT or MRI (D3.4)",
        find=_on_pet_alone,
    ),
    Reason(
        form="newles",
        code="never-unequivocal",
        words="equivocal, and never unequivocal later (D3.4)",
        find=_never_certain,
    ),
    Reason(
        form="subseq",
        code="planned-by-protocol",
        words="planned by the protocol: no new therapy (R14)",
        find=_planned,
    ),
    Reason(
        form="subseq",
        code="other-cancer",
        words="not active against the trial's cancer: no new therapy (R13)",
        find=_other_cancer,
    ),
)
