"""What became of a progression that was held (rule R12, D2.3)."""

from equipoise.report.story.material import Material, Row
from equipoise.report.story.values import Hold
from equipoise.report.story.words import join_names, visit_label

_ONLY_INDEX = "Only index lesions had grown, so the progression was held (rule R12)"


def tell_hold(material: Material, *, progression: Row) -> Hold | None:
    """The hold of a progression with its verdict; None for one that was never held."""
    if not progression["held"]:
        return None
    subject, date = progression["subject"], progression["verdict_date"]
    entries = tuple(progression["verdict_entries"] or ())
    if date is None:
        return Hold(
            outcome="never judged",
            counts=bool(progression["counts"]),
            verdict_date=None,
            words=f"{_ONLY_INDEX}. {_why_never(material, subject=subject)}",
            entries=entries,
        )
    counts = bool(progression["counts"])
    judge, biopsy = _judge(material, subject=subject, entries=entries)
    said = _verdict_words(counts=counts, biopsy=biopsy)
    when = progression["progression_date"]
    then = f"it counts from {when.isoformat()}" if counts else "it was no progression"
    return Hold(
        outcome="confirmed" if counts else "refuted",
        counts=counts,
        verdict_date=date,
        words=f"{_ONLY_INDEX}. {judge} ({date.isoformat()}) {said}: {then}",
        entries=entries,
    )


def _judge(material: Material, *, subject: str, entries: tuple[str, ...]) -> tuple[str, bool]:
    """Who judged, a biopsy or a scan, and whether it was a biopsy."""
    rows = [
        row for row in material.entered("les_fu", subject=subject) if row["entry"] in set(entries)
    ]
    biopsied = [row["lesion"] for row in rows if row["pathology"] is not None]
    if biopsied and len(biopsied) == len(rows):
        return f"The biopsy of {join_names(sorted(biopsied))}", True
    visits = sorted({str(row["visit"]) for row in rows})
    named = join_names([visit_label(material.protocol, visit=visit) for visit in visits])
    return (f"The scan of {named}" if named else "The scan"), False


def _verdict_words(*, counts: bool, biopsy: bool) -> str:
    if biopsy:
        return "found viable tumour" if counts else "found no viable tumour"
    return "still showed it" if counts else "no longer showed it"


def _why_never(material: Material, *, subject: str) -> str:
    row = material.rows("subjects", subject=subject)[0]
    if row["death_date"] is not None:
        why = f"Death on {row['death_date'].isoformat()} came before a scan could judge it"
    elif row["eos_reason"] in ("lost", "withdrew_follow_up", "withdrew_data"):
        why = "The subject left before a scan could judge it"
    else:
        why = "No evaluable scan 8 weeks or more later and no biopsy has judged it"
    return f"{why}: it counts on its own date"
