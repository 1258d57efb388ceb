"""Tables of scans with the expected iRECIST responses beside them, compared row by row.

Lesions are written as in `trial_tables`. Expected: `target`, `others`, `nsum` (millimetres of the
new targets), `overall`, `first` (categories of the iUPD in force), `now` (what confirms), `of`
(the visit of the iUPD that is confirmed). Categories: T targets, N non-targets, L new lesions.
"""

import polars as pl

from derive.trial_tables import day, derive, read_table, scans
from equipoise.derive.schemas import Datasets

EXPECTED = {
    "target": "itarget",
    "others": "inon_target",
    "nsum": "new_target_sum_tenths_mm",
    "overall": "iresponse",
    "first": "categories",
    "now": "confirmed_by",
    "of": "confirms",
}
CATEGORIES = {"T": "target lesions", "N": "non-target lesions", "L": "new lesions"}


def assert_iresponses(text: str, **tables: str) -> Datasets:
    """What is derived of a table of scans, after each expected cell was compared with it.

    A cell left empty expects nothing there; a column that the table lacks is not compared.
    """
    data = derive(scans(text, **tables))
    found = {row["visit"]: row for row in data.iresponses.iter_rows(named=True)}
    table = read_table(text)
    names = [name for name in EXPECTED if any(name in row for row in table)]
    for row in (each for each in table if each["visit"] != "BL"):
        for name in names:
            got = found[row["visit"]][EXPECTED[name]]
            assert got == _value(name, row.get(name)), f"{row['visit']} {name}: {got}"
    return data


def progression_of(data: Datasets, *, subject: str = "01-001") -> tuple[int, bool] | None:
    """Day of the iRECIST progression that counts and whether it was confirmed; None without."""
    own = data.sources["iprogression"].filter(pl.col("subject") == subject)
    assert own.height <= 1
    if own.is_empty():
        return None
    row = own.row(0, named=True)
    return (row["progression_date"] - day(0)).days, row["confirmed"]


def words_at(data: Datasets, *, visit: str) -> str:
    """The words of an assessment."""
    return str(data.iresponses.filter(pl.col("visit") == visit)["words"].item())


def _value(name: str, cell: str | None) -> object:
    if name in ("first", "now"):
        return ", ".join(CATEGORIES[each] for each in (cell or "").split("+") if each)
    if cell is not None and name == "nsum":
        return round(float(cell) * 10)
    return cell
