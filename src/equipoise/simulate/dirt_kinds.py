"""The kinds of error that can be planted: adding one is a line in `KINDS`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from equipoise.capture.frames import SUBJECT_KEY, Frames
from equipoise.vocab.ctcae import read_ctcae

Candidates = Callable[[Frames], pl.DataFrame]
Extra = Callable[[Frames, pl.DataFrame], Mapping[str, pl.DataFrame]]

_BONE_TARGET = (pl.col("role") == "target") & pl.col("site").str.starts_with("bone_")
_MEASURED = pl.col("status").is_in(["measured", "present"]) & pl.col("mm").is_not_null()

_UNREPORTED = ~pl.col("serious")  # a report would be found beside the event that it tells of


def _nothing_else(_frames: Frames, _chosen: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """No entry of another form comes with the error."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An error: where it sits, the code of the check that must find it, how it is made.

    `candidates` are the entries it fits; `spoil` the new values; `uses` further columns of the
    candidates that these need; `is_added` keeps the sound entry beside the spoilt one; `also`
    are entries of other forms that come with it.
    """

    form: str
    item: str
    code: str
    candidates: Candidates
    spoil: Mapping[str, pl.Expr]
    uses: tuple[str, ...] = ()
    is_added: bool = False
    also: Extra = field(default=_nothing_else)


def _of(form: str, *, fit: pl.Expr) -> Candidates:
    """The entries of a form that fit; `randomised_date` and `death_latest_date` are at hand."""

    def candidates(frames: Frames) -> pl.DataFrame:
        frame = frames[form]
        for other, date in (("rand", "randomised_date"), ("dth", "death_latest_date")):
            if date not in frame.columns:
                known = frames[other].select(*SUBJECT_KEY, date).unique(SUBJECT_KEY, keep="first")
                frame = frame.join(known, on=SUBJECT_KEY, how="left", maintain_order="left")
        return frame.filter(fit)

    return candidates


def _ungraded(grade: int) -> list[str]:
    """The terms to which CTCAE gives no such grade."""
    return [term for term, entry in read_ctcae().items() if grade not in entry.grades]


def _last_measured(frames: Frames) -> pl.DataFrame:
    """The last scan that measures a lesion, where an earlier day is left for surgery."""
    scans = frames["les_fu"].filter(_MEASURED)
    last = scans.group_by(*SUBJECT_KEY, "lesion", maintain_order=True).agg(pl.all().last())
    return last.select(scans.columns)


def _resect_before(frames: Frames, chosen: pl.DataFrame) -> Mapping[str, pl.DataFrame]:
    """Surgery of the lesion on the day before the scan that still measures it."""
    used = frames["surg"].group_by(SUBJECT_KEY).agg(pl.col("record").max().alias("used"))
    rows = chosen.join(used, on=SUBJECT_KEY, how="left", maintain_order="left")
    surgery = rows.select(
        *SUBJECT_KEY,
        record=pl.col("used").fill_null(0) + 1,
        type=pl.lit("metastasectomy"),
        surgery_date=pl.col("scan_date").dt.offset_by("-1d"),
        planned=pl.lit(value=False),
        lesion="lesion",
    )
    return {"surg": surgery}


KINDS: Mapping[str, Kind] = {
    "grade not allowed for the term": Kind(
        form="ae",
        item="grade",
        code="grade-not-allowed",
        candidates=_of(
            "ae",
            fit=pl.col("term").is_in(_ungraded(4)) & (pl.col("grade") <= 3) & _UNREPORTED,
        ),
        spoil={"grade": pl.lit(4, dtype=pl.Int64)},
    ),
    "diameter over 300 mm": Kind(
        form="les_fu",
        item="mm",
        code="out-of-range",
        candidates=_of("les_fu", fit=_MEASURED),
        spoil={"mm": pl.col("mm") + 400.0},
    ),
    "centimetres for millimetres": Kind(
        form="les_bl",
        item="ld_mm",
        code="target-too-small",
        candidates=_of("les_bl", fit=(pl.col("role") == "target") & (pl.col("ld_mm") < 100)),
        spoil={"ld_mm": pl.col("ld_mm") / 10.0},
    ),
    "blastic bone lesion as target": Kind(
        form="les_bl",
        item="role",
        code="blastic-target",
        candidates=_of("les_bl", fit=_BONE_TARGET),
        spoil={"appearance": pl.lit("blastic")},
    ),
    "bone target without soft tissue": Kind(
        form="les_bl",
        item="soft_tissue_mm",
        code="bone-target-without-soft-tissue",
        candidates=_of("les_bl", fit=_BONE_TARGET),
        spoil={"soft_tissue_mm": pl.lit(4.0)},
    ),
    "start and stop swapped": Kind(
        form="ex_sys",
        item="stop_date",
        code="therapy-stop-before-start",
        candidates=_of("ex_sys", fit=pl.col("stop_date") > pl.col("start_date")),
        spoil={"start_date": pl.col("stop_date"), "stop_date": pl.col("start_date")},
    ),
    "event ends before onset": Kind(
        form="ae",
        item="end_date",
        code="ae-end-before-onset",
        candidates=_of(
            "ae",
            fit=(pl.col("end_earliest_date") > pl.col("onset_latest_date"))
            & (pl.col("onset_date").str.len_bytes() == len("2026-01-01"))
            & _UNREPORTED,
        ),
        spoil={"onset_date": pl.col("end_date"), "end_date": pl.col("onset_date")},
    ),
    "progression before randomisation": Kind(
        form="rs",
        item="assessment_date",
        code="response-before-randomisation",
        candidates=_of("rs", fit=pl.col("overall") == "PD"),
        spoil={"assessment_date": pl.col("randomised_date").dt.offset_by("-10d")},
        uses=("randomised_date",),
    ),
    "death before the last scan": Kind(
        form="les_fu",
        item="scan_date",
        code="scan-after-death",
        candidates=_of("les_fu", fit=_MEASURED & pl.col("death_latest_date").is_not_null()),
        spoil={"scan_date": pl.col("death_latest_date").dt.offset_by("5d")},
        uses=("death_latest_date",),
    ),
    "randomised twice": Kind(
        form="rand",
        item="",
        code="randomised-twice",
        candidates=_of("rand", fit=pl.lit(value=True)),
        spoil={"randomised_date": pl.col("randomised_date").dt.offset_by("1d")},
        is_added=True,
    ),
    "measured after resection": Kind(
        form="les_fu",
        item="status",
        code="measured-after-resection",
        candidates=_last_measured,
        spoil={"status": pl.col("status")},
        also=_resect_before,
    ),
    "lesion not in the baseline list": Kind(
        form="les_fu",
        item="lesion",
        code="lesion-not-at-baseline",
        candidates=_of("les_fu", fit=_MEASURED),
        spoil={"lesion": pl.lit("L09")},
    ),
    "unknown code": Kind(
        form="les_fu",
        item="status",
        code="not-in-code-list",
        candidates=_of("les_fu", fit=pl.col("status") == "measured"),
        spoil={"status": pl.lit("mesured")},
    ),
}
