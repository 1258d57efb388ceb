"""Tables of scans with the expected response beside them, compared row by row."""

import polars as pl

from derive.trial_tables import build_frames, derive_imaging, read_table, scan_rows

EXPECTED = {
    "sum": "sum_tenths_mm",
    "nadir": "nadir_tenths_mm",
    "target": "target_response",
    "others": "non_target_response",
    "newly": "new_lesion",
    "overall": "response",
    "held": "held",
    "adequate": "adequate",
}
YES_NO = {"yes": True, "no": False}


def assert_responses(text: str, **tables: str) -> dict[str, pl.DataFrame]:
    """The frames of a table of scans, after each expected cell was compared with what is derived.

    `sum` and `nadir` are written in millimetres; an empty cell expects nothing there, the row BL
    only what is written.
    """
    rows = {form: own for form, own in scan_rows(text).items() if own}
    frames = build_frames(rows, **tables)
    found = {row["visit"]: row for row in derive_imaging(frames).assessments.iter_rows(named=True)}
    table = read_table(text)
    names = [name for name in EXPECTED if any(name in row for row in table)]
    for row in table:
        for name in names:
            if row["visit"] != "BL" or name in row:
                got = found[row["visit"]][EXPECTED[name]]
                assert got == _value(name, row.get(name)), f"{row['visit']} {name}: {got}"
    return frames


def _value(name: str, cell: str | None) -> object:
    if cell is None:
        return None
    if name in ("sum", "nadir"):
        return round(float(cell) * 10)
    return YES_NO.get(cell, cell)
