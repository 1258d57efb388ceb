"""What else derivation found of a subject: iRECIST, dose, laboratory grades, entries left out."""

from collections.abc import Iterator
from datetime import date

from equipoise.derive.adherence import VERDICT_WORDS
from equipoise.report.story.material import Material, Row
from equipoise.report.story.person import start_of
from equipoise.report.story.values import Finding, Further
from equipoise.report.story.words import code_words, study_day, visit_label, write_mm

SEVERE = 3


def tell_further(material: Material, *, subject: str) -> Further:
    """Each finding with its words; a part is empty where the subject has no such row."""
    start = start_of(material, subject=subject)
    return Further(
        iresponses=tuple(_iresponses(material, subject=subject, start=start)),
        doses=tuple(_doses(material, subject=subject, start=start)),
        laboratory=tuple(_laboratory(material, subject=subject, start=start)),
        left_out=tuple(_left_out(material, subject=subject)),
    )


def _iresponses(material: Material, *, subject: str, start: date | None) -> Iterator[Finding]:
    for row in material.rows("iresponses", subject=subject):
        new = row["new_target_sum_tenths_mm"]
        size = f"; sum of new targets {write_mm(new)}" if new is not None else ""
        yield Finding(
            what=visit_label(material.protocol, visit=row["visit"]),
            found_date=row["first_date"],
            day=study_day(row["first_date"], start=start),
            said=row["iresponse"] or "",
            words=f"{row['words'] or ''}{size}",
            entries=tuple(row["entries"] or ()),
        )


def _doses(material: Material, *, subject: str, start: date | None) -> Iterator[Finding]:
    """A lesion a finding; then the verdict on all of them together."""
    for row in material.rows("dose", subject=subject):
        site = code_words(material.protocol, form="les_bl", item="site", code=row["site"])
        verdict = VERDICT_WORDS.get(row["verdict"], "")
        reason = f": {row['reason']}" if row["reason"] else ""
        yield Finding(
            what=f"{row['lesion']} {site}".strip(),
            found_date=row["start_date"],
            day=study_day(row["start_date"], start=start),
            said=_dose_words(row),
            words=f"{verdict}{reason}",
            entries=tuple(row["entries"] or ()),
        )
    for row in material.rows("adherence", subject=subject):
        verdict = VERDICT_WORDS.get(row["verdict"], "")
        reason = f": {row['reason']}" if row["reason"] else ""
        yield Finding(
            what="all of it",
            said=f"{row['index_completed']} of {row['index_lesions']} index lesions completed",
            words=f"{verdict}{reason}",
        )


def _dose_words(row: Row) -> str:
    """What was given, with its biologically effective dose: `35 Gy in 5 fractions, 59.5 Gy10`."""
    given, fractions = row["given_gy"], row["given_fractions"]
    if given is None or not fractions:
        return "no fraction"
    words = f"{given:g} Gy in {fractions} {'fraction' if fractions == 1 else 'fractions'}"
    bed = row["bed10_gy"]
    return words if bed is None else f"{words}, BED10 {bed:.1f} Gy"


def _laboratory(material: Material, *, subject: str, start: date | None) -> Iterator[Finding]:
    """Values of grade 3 or higher, in the order of their dates."""
    rows = material.rows("laboratory_grades", subject=subject)
    severe = [row for row in rows if (row["grade"] or 0) >= SEVERE]
    severe.sort(key=lambda row: (row["lab_date"] or date.max, row["term"] or "", row["entry"]))
    for row in severe:
        least = "at least " if row["at_least"] else ""
        yield Finding(
            what=f"{row['term'] or row['test']}, {least}grade {row['grade']}",
            found_date=row["lab_date"],
            day=study_day(row["lab_date"], start=start),
            said=f"{row['value_si']:.4g} {row['si_unit']}" if row["value_si"] is not None else "",
            words=f"{row['words']} ({row['rule']})",
            entries=tuple(row["entries"] or ()),
        )


def _left_out(material: Material, *, subject: str) -> Iterator[Finding]:
    for row in material.rows("left_out", subject=subject):
        yield Finding(what=row["code"], words=row["words"] or "", entries=(row["entry"],))
