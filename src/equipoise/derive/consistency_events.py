"""Questions about deaths, adverse events and treatment that do not fit each other."""

import polars as pl

from equipoise.derive.consistency_check import Check, Evidence, tell_rows
from equipoise.derive.schemas import KEY, LESION_KEY


def _death_without_contact(given: Evidence) -> pl.DataFrame:
    start = given.datasets.subjects.select(*KEY, "randomised_date")
    contacts = given.forms["surv"].join(start, on=list(KEY), how="inner")
    contacts = contacts.filter(pl.col("alive_date") >= pl.col("randomised_date"))
    alone = given.forms["dth"].join(contacts.select(KEY).unique(), on=list(KEY), how="anti")
    return tell_rows(alone, found=pl.col("death_date"))


def _death_without_form(given: Evidence) -> pl.DataFrame:
    ended = given.forms["eos"].filter(pl.col("reason") == "death")
    return tell_rows(
        ended.join(given.forms["dth"], on=list(KEY), how="anti"), found=pl.col("eos_date")
    )


def _alive_after_death(given: Evidence) -> pl.DataFrame:
    last = given.datasets.sources["contact"].select(*KEY, "alive_date")
    both = given.forms["dth"].join(last, on=list(KEY), how="inner")
    late = both.filter(pl.col("alive_date") > pl.col("death_latest_date"))
    return tell_rows(late, found=pl.col("alive_date"))


def _sbrt_not_complete(given: Evidence) -> pl.DataFrame:
    started = given.datasets.subjects.filter("sbrt_started").select(KEY)
    fractions = given.forms["rt_fx"].group_by(LESION_KEY).agg(got=pl.len())
    planned = given.forms["rt_rx"].group_by(LESION_KEY).agg(pl.col("fractions").max())
    index = given.forms["les_bl"].filter("intend_sbrt").join(started, on=list(KEY), how="semi")
    told = given.forms["rt_none"].drop_nulls("reason")
    index = index.join(told, on=list(LESION_KEY), how="anti")
    both = index.join(planned, on=list(LESION_KEY), how="left").join(
        fractions, on=list(LESION_KEY), how="left"
    )
    got, asked = pl.col("got").fill_null(0), pl.col("fractions")
    words = pl.concat_str(got, pl.lit(" of "), asked.cast(pl.String).fill_null("unplanned"))
    return tell_rows(both.filter((got < asked).fill_null(value=True)), found=words)


def _end_unknown(given: Evidence) -> pl.DataFrame:
    ended = pl.col("outcome").is_in(["recovered", "sequelae"])
    rows = given.forms["ae"].filter(ended & pl.col("end_latest_date").is_null())
    return tell_rows(rows, found=pl.col("outcome"))


EVENT_CHECKS = (
    Check(
        code="death-without-contact",
        item="death_date",
        message="A death without any survival contact since randomisation.",
        mend="Enter the last contact before death; a partial date of death is completed from it.",
        find=_death_without_contact,
    ),
    Check(
        code="end-by-death-without-death-form",
        item="reason",
        message="The study ended by death, but there is no death form.",
        mend="Enter the date and cause of death.",
        find=_death_without_form,
    ),
    Check(
        code="alive-after-death",
        item="death_date",
        message="The subject was seen alive after the date of death.",
        mend="Compare the date of death with the later contact.",
        find=_alive_after_death,
    ),
    Check(
        code="index-lesion-without-all-fractions",
        item="lesion",
        message="SBRT was started, but this index lesion has not had every prescribed fraction.",
        mend="Enter the missing fractions, or the form that says why they were not given.",
        find=_sbrt_not_complete,
    ),
    Check(
        code="event-over-without-end",
        item="end_date",
        message="An adverse event is over, but its end is not entered; it counts as going on.",
        mend="Enter the end, or the part of its date that is known.",
        find=_end_unknown,
    ),
)
