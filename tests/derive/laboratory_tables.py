"""Laboratory values from text tables: what each comes to, beside the slow reading of it."""

from derive.trial_tables import Row, build_frames, derive, derive_harms, read_table
from equipoise.derive.schemas import Datasets

TREATED = [{"start_date": "10"}]


def derive_values(rows: list[Row]) -> Datasets:
    """What values of one subject come to when treatment starts on day 10 (default: a day 20)."""
    full = [{"lab_date": "20", **row} for row in rows]
    return derive(build_frames({"lb": full, "ex_sys": TREATED}))


def read_values(text: str) -> Datasets:
    """The same from a table."""
    return derive_values(read_table(text))


def grade_of(rows: list[Row]) -> list[dict[str, int | None]]:
    """The grade of each value by term, each on a subject of its own, with its baseline if said."""
    entries: list[Row] = []
    subjects = []
    for number, row in enumerate(rows, start=1):
        own = {"subject": f"01-{number:03}"}
        said = {k: v for k, v in row.items() if v and k != "baseline"}
        if row.get("baseline"):
            before = {**said, "value": row["baseline"], "lab_date": "5"}
            entries.append({**own, **before, "record": "1"})
        entries.append({**own, "lab_date": "20", **said, "record": "2"})
        subjects.append({**own, **TREATED[0]})
    data = derive_harms(build_frames({"lb": entries, "ex_sys": subjects}))
    found: list[dict[str, int | None]] = []
    for subject in (row["subject"] for row in subjects):
        own_rows = data.laboratory_grades.filter(subject=subject, entry=f"{subject}/lb/2")
        found.append(dict(own_rows.select("term", "grade").iter_rows()))
    return found
