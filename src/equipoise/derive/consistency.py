"""Entries that do not fit what is derived from them: soft findings, each asks a question.

Edit checks see one form and its neighbours; what needs a derived value is asked here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.frames import Frames
from equipoise.derive.expected_forms import with_expected
from equipoise.derive.schemas import KEY, LESION_KEY, VISIT_KEY, Datasets
from equipoise.protocol.model import Protocol
from equipoise.vocab.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question: its code, the words, what to do, and the rows that raise it.

    `find` gives the rows with subject, entry and found, from complete forms and what is derived.
    """

    code: str
    message: str
    mend: str
    find: Callable[[Frames, Datasets], pl.DataFrame]


def check_consistency(
    datasets: Datasets, *, frames: Frames, protocol: Protocol
) -> tuple[Finding, ...]:
    """Every soft finding, check by check, in the order of the entries.

    `frames` are the entries from which `datasets` were derived, as of the same cut.
    """
    forms = with_expected(complete(frames, protocol))
    return tuple(finding for check in CHECKS for finding in _ask(check, forms, datasets))


def _ask(check: Check, forms: Frames, datasets: Datasets) -> Iterator[Finding]:
    rows = check.find(forms, datasets).unique(["replicate", "entry", "found"])
    for row in rows.sort("replicate", "entry", "found").iter_rows(named=True):
        yield Finding(
            where=row["entry"],
            code=check.code,
            message=check.message,
            severity=Severity.SOFT,
            found=row["found"],
            mend=check.mend,
            subject=row["subject"],
            entry=row["entry"],
        )


def _rows(frame: pl.DataFrame, *, found: pl.Expr) -> pl.DataFrame:
    return frame.select(*KEY, "entry", found=found.cast(pl.String).fill_null(""))


def _response_differs(forms: Frames, datasets: Datasets) -> pl.DataFrame:
    derived = datasets.assessments.filter(~pl.col("baseline")).select(*VISIT_KEY, "response")
    both = forms["rs"].join(derived, on=list(VISIT_KEY), how="inner")
    differ = both.filter(pl.col("overall") != pl.col("response"))
    words = pl.concat_str(pl.col("overall"), pl.lit(" entered, derived "), pl.col("response"))
    return _rows(differ, found=words)


def _response_without_scans(forms: Frames, datasets: Datasets) -> pl.DataFrame:
    judged = forms["rs"].filter(pl.col("overall").is_not_null() & (pl.col("overall") != "NE"))
    seen = datasets.assessments.select(VISIT_KEY)
    return _rows(judged.join(seen, on=list(VISIT_KEY), how="anti"), found=pl.col("overall"))


def _death_without_contact(forms: Frames, datasets: Datasets) -> pl.DataFrame:
    start = datasets.subjects.select(*KEY, "randomised_date")
    contacts = forms["surv"].join(start, on=list(KEY), how="inner")
    contacts = contacts.filter(pl.col("alive_date") >= pl.col("randomised_date"))
    alone = forms["dth"].join(contacts.select(KEY).unique(), on=list(KEY), how="anti")
    return _rows(alone, found=pl.col("death_date"))


def _death_without_form(forms: Frames, _: Datasets) -> pl.DataFrame:
    ended = forms["eos"].filter(pl.col("reason") == "death")
    return _rows(ended.join(forms["dth"], on=list(KEY), how="anti"), found=pl.col("eos_date"))


def _alive_after_death(forms: Frames, datasets: Datasets) -> pl.DataFrame:
    last = datasets.sources["contact"].select(*KEY, "alive_date")
    both = forms["dth"].join(last, on=list(KEY), how="inner")
    late = both.filter(pl.col("alive_date") > pl.col("death_latest_date"))
    return _rows(late, found=pl.col("alive_date"))


def _no_baseline(_: Frames, datasets: Datasets) -> pl.DataFrame:
    without = datasets.subjects.filter(~pl.col("baseline_assessed"))
    rows = without.with_columns(entry=pl.col("entries").list.first())
    return _rows(rows, found=pl.col("randomised_date"))


def _sbrt_not_complete(forms: Frames, datasets: Datasets) -> pl.DataFrame:
    started = datasets.subjects.filter("sbrt_started").select(KEY)
    given = forms["rt_fx"].group_by(LESION_KEY).agg(given=pl.len())
    planned = forms["rt_rx"].group_by(LESION_KEY).agg(pl.col("fractions").max())
    index = forms["les_bl"].filter("intend_sbrt").join(started, on=list(KEY), how="semi")
    both = index.join(planned, on=list(LESION_KEY), how="left").join(
        given, on=list(LESION_KEY), how="left"
    )
    got, asked = pl.col("given").fill_null(0), pl.col("fractions")
    words = pl.concat_str(got, pl.lit(" of "), asked.cast(pl.String).fill_null("unplanned"))
    return _rows(both.filter((got < asked).fill_null(value=True)), found=words)


def _therapy_without_progression(forms: Frames, datasets: Datasets) -> pl.DataFrame:
    seen = datasets.sources["progression_unheld"].group_by(KEY)
    first = seen.agg(seen=pl.col("progression_date").min())
    said = forms["rs"].filter(pl.col("overall") == "PD").group_by(KEY)
    rows = (
        forms["subseq"]
        .filter(pl.col("reason") == "progression")
        .join(first, on=list(KEY), how="left")
        .join(said.agg(said=pl.col("assessment_date").min()), on=list(KEY), how="left")
    )
    known = pl.min_horizontal("seen", "said") <= pl.col("start_date")
    return _rows(rows.filter(~known.fill_null(value=False)), found=pl.col("start_date"))


def _lesion_not_entered(forms: Frames, datasets: Datasets) -> pl.DataFrame:
    """The first entry of a visit that leaves out a lesion of the baseline list."""
    visits = forms["les_fu"].sort("entry").unique(VISIT_KEY, keep="first", maintain_order=True)
    listed = forms["les_bl"].select(LESION_KEY).unique()
    removed = datasets.sources["lesion_removal"].group_by(LESION_KEY)
    due = (
        visits.select(*VISIT_KEY, "entry", "scan_date")
        .join(listed, on=list(KEY), how="inner")
        .join(forms["les_fu"], on=[*VISIT_KEY, "lesion"], how="anti")
        .join(removed.agg(gone=pl.col("removal_date").min()), on=list(LESION_KEY), how="left")
    )
    there = (pl.col("scan_date") <= pl.col("gone")).fill_null(value=True)
    return _rows(due.filter(there), found=pl.col("lesion"))


def _merged_nowhere(forms: Frames, _: Datasets) -> pl.DataFrame:
    merged = forms["les_fu"].filter(pl.col("status") == "merged")
    hosts = forms["les_fu"].filter(pl.col("mm").is_not_null())
    hosts = hosts.select(*VISIT_KEY, merged_into="lesion")
    lone = merged.join(hosts, on=[*VISIT_KEY, "merged_into"], how="anti")
    return _rows(lone, found=pl.col("merged_into"))


def _end_unknown(forms: Frames, _: Datasets) -> pl.DataFrame:
    ended = pl.col("outcome").is_in(["recovered", "sequelae"])
    rows = forms["ae"].filter(ended & pl.col("end_latest_date").is_null())
    return _rows(rows, found=pl.col("outcome"))


CHECKS = (
    Check(
        code="response-differs",
        message="The overall response entered differs from the one derived from the measurements.",
        mend="Compare the measurements with the response; the derived one counts.",
        find=_response_differs,
    ),
    Check(
        code="response-without-scans",
        message="A response is entered, but no lesion of that visit.",
        mend="Enter the lesions, or 'not evaluable'.",
        find=_response_without_scans,
    ),
    Check(
        code="death-without-contact",
        message="A death without any survival contact since randomisation.",
        mend="Enter the last contact before death; a partial date of death is completed from it.",
        find=_death_without_contact,
    ),
    Check(
        code="end-by-death-without-death-form",
        message="The study ended by death, but there is no death form.",
        mend="Enter the date and cause of death.",
        find=_death_without_form,
    ),
    Check(
        code="alive-after-death",
        message="The subject was seen alive after the date of death.",
        mend="Compare the date of death with the later contact.",
        find=_alive_after_death,
    ),
    Check(
        code="no-baseline-assessment",
        message="A randomised subject without any lesion at baseline.",
        mend="Enter the baseline lesions; without them no response can be derived.",
        find=_no_baseline,
    ),
    Check(
        code="index-lesion-without-all-fractions",
        message="SBRT was started, but this index lesion has not had every prescribed fraction.",
        mend="Enter the missing fractions, or say in the record why they were not given.",
        find=_sbrt_not_complete,
    ),
    Check(
        code="therapy-for-progression-never-seen",
        message="A therapy is given for progression, but none was seen or said before it.",
        mend="Enter the scan that showed it, or correct the reason.",
        find=_therapy_without_progression,
    ),
    Check(
        code="lesion-not-entered",
        message="A lesion of the baseline list is not entered at this visit.",
        mend="Enter its size or status; 'not evaluable' where nobody could tell.",
        find=_lesion_not_entered,
    ),
    Check(
        code="merged-into-nothing",
        message="A lesion is said to have merged, but the mass is not measured at that visit.",
        mend="Measure the mass at the lesion it is entered under.",
        find=_merged_nowhere,
    ),
    Check(
        code="event-over-without-end",
        message="An adverse event is over, but its end is not entered; it counts as going on.",
        mend="Enter the end, or the part of its date that is known.",
        find=_end_unknown,
    ),
)
