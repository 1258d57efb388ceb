"""Small trials from text tables: a table a form, or one table of scans with a column a lesion."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from equipoise.capture.derived_items import complete
from equipoise.capture.frames import empty_frames, to_frame
from equipoise.derive.anchors import derive_anchor
from equipoise.derive.datasets import derive_datasets
from equipoise.derive.expected_forms import with_expected
from equipoise.derive.laboratory import derive_laboratory
from equipoise.derive.left_out import put_in_order
from equipoise.derive.occurrence import derive_occurrences
from equipoise.derive.schemas import KEY, Datasets
from equipoise.derive.toxicity import derive_events, derive_worst_grades
from equipoise.derive.tumour import Tumour, derive_tumour
from equipoise.protocol.form_model import Form, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.protocol.rules import POLARS_TYPES

START = date(2024, 1, 1)  # day 0: the day of randomisation, unless a table says otherwise
PROTOCOL = shipped_protocol()
SUBJECT = "01-001"
Row = dict[str, str]

# What a table need not say.
DEFAULTS: dict[str, Row] = {
    "rand": {"randomised_date": "0", "omd_induced": "N", "n_mets": "1-3", "imdc": "fav"},
    "les_bl": {
        "role": "target",
        "kind": "non_nodal",
        "site": "lung",
        "scan_date": "-10",
        "method": "ct",
        "prior_rt": "false",
        "intend_sbrt": "true",
    },
    "les_fu": {"status": "measured"},
    "newles": {"site": "lung", "certainty": "unequivocal"},
    "surv": {"source": "visit"},
    "dth": {"cause": "rcc"},
    "eos": {"reason": "lost"},
    "ae": {"term": "Diarrhea", "serious": "false", "outcome": "recovered"},
    "subseq": {
        "type": "systemic",
        "reason": "choice",
        "protocol_defined": "false",
        "against_rcc": "true",
    },
    "surg": {"type": "metastasectomy", "planned": "false"},
    "ex_sys": {
        "regimen": "pembro_axi",
        "agent": "axitinib",
        "action": "given",
        "planned_dose_mg": "10",
        "dose_mg": "10",
    },
    "rt_rx": {"planned_date": "5", "dose_gy": "30", "fractions": "3"},
    "rt_fx": {"dose_gy": "10"},
}
# How a scan is written in a cell: `abs` = absent, `>L01` = merged into L01, `24!` = biopsy viable,
# `pres+` = a non-target lesion said to be larger than at the last scan.
STATUS = {
    "abs": "absent",
    "tstm": "tstm",
    "ne": "ne",
    "res": "resected",
    "pres": "present",
    "prog": "progression",
    "split": "split",
}
SIGHTING = re.compile(
    r"(?P<lesion>N\d\d)(?P<unsure>\?)?(=(?P<mm>[\d.]+))?(?P<said>[+-])?(/(?P<site>\w+))?"
    r"(@(?P<host>L\d\d)(?P<near>~)?)?"
)
SAID = {"+": "true", "-": "false"}
BIOPSY = {"!": "viable", "?": "no_viable"}


def day(number: int) -> date:
    """The date so many days after randomisation."""
    return START + timedelta(days=number)


def read_table(text: str) -> list[Row]:
    """The rows of a table with bars, empty cells left out; a rule of dashes is no row."""
    lines = [line.strip().removeprefix("|").removesuffix("|") for line in text.strip().splitlines()]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line.strip(" -|:")]
    names, *rows = cells
    assert all(len(row) == len(names) for row in rows), "a row has more or fewer cells than names"
    return [{n: c for n, c in zip(names, row, strict=True) if c} for row in rows]


def build_frames(
    rows: Mapping[str, list[Row]] | None = None, /, **tables: str
) -> dict[str, pl.DataFrame]:
    """Every form of the trial as a frame, from tables (or rows) by form name.

    A cell of a date is a date or a number of days after randomisation. Who is in no table of
    `rand` is randomised on day 0; records are numbered as they come.
    """
    said = {**(rows or {}), **{form: read_table(text) for form, text in tables.items()}}
    everybody = {row.get("subject", SUBJECT) for own in said.values() for row in own}
    known = {row.get("subject", SUBJECT) for row in said.get("rand", [])}
    missing: list[Row] = [{"subject": name} for name in sorted(everybody - known)]
    said["rand"] = said.get("rand", []) + missing
    frames = empty_frames(PROTOCOL)
    for name, own in said.items():
        form = PROTOCOL.form_named(name)
        frames[name] = to_frame(_typed(form, _full(form, own)), form=form)
    return frames


def scan_rows(text: str, *, subject: str = SUBJECT) -> dict[str, list[Row]]:
    """The rows of les_bl, les_fu and newles of one subject from a table of scans.

    Columns: visit, day, one a lesion (`L01`, `L02:node`, `L03:other`, `L04:far` = no index lesion,
    several words joined by a comma), `new` (`N01`, `N02?` = equivocal, `N03@L01` = inside the
    field of L01, `N04=12+/liver` = 12 mm, said to be larger, in the liver). The row BL is the
    baseline. Other columns are ignored.
    """
    found: dict[str, list[Row]] = {"les_bl": [], "les_fu": [], "newles": []}
    for row in read_table(text):
        place = {"subject": subject, "scan_date": row["day"]}
        for name in (each for each in row if re.match(r"L\d\d", each)):
            lesion, _, words = name.partition(":")
            if row["visit"] == "BL":
                found["les_bl"].append({**place, **_at_baseline(lesion, row[name], words)})
            else:
                seen = {"visit": row["visit"], "lesion": lesion, **_at_visit(row[name])}
                found["les_fu"].append({**place, **seen})
        for sighting in row.get("new", "").split():
            found["newles"].append({**place, "visit": row["visit"], **_new(sighting)})
    return found


def scans(text: str, **tables: str) -> dict[str, pl.DataFrame]:
    """The frames of one subject: its scans, and tables of further forms."""
    return build_frames({k: v for k, v in scan_rows(text).items() if v}, **tables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Harms:
    """Frames of `Datasets` that imaging and the dates of endpoints have no part in."""

    occurrences: pl.DataFrame
    worst_grades: pl.DataFrame
    laboratory_grades: pl.DataFrame


def derive(
    frames: Mapping[str, pl.DataFrame],
    *,
    cut_day: int | None = None,
    protocol: Protocol = PROTOCOL,
) -> Datasets:
    """Everything derived, as of a day or of all entries."""
    if cut_day is None:
        return derive_datasets(frames, protocol)
    cutoffs = pl.DataFrame(
        {"replicate": [0], "cutoff_date": [day(cut_day)]},
        schema={"replicate": pl.Int32, "cutoff_date": pl.Date},
    )
    return derive_datasets(frames, protocol, cutoffs=cutoffs)


def derive_imaging(frames: Mapping[str, pl.DataFrame]) -> Tumour:
    """What the imaging alone comes to: the same pass as in `derive`, without the others."""
    once, _ = put_in_order(frames)
    return derive_tumour(with_expected(complete(once, PROTOCOL)), PROTOCOL)


def derive_harms(frames: Mapping[str, pl.DataFrame]) -> Harms:
    """What adverse events and values of treated subjects come to: the same passes, alone."""
    once, _ = put_in_order(frames)
    forms = with_expected(complete(once, PROTOCOL))
    named = {anchor.id: anchor for anchor in PROTOCOL.anchor}
    started = derive_anchor(forms, PROTOCOL, anchor=named["first_treatment"])
    events = derive_events(forms, first_treatment=started, rules=PROTOCOL.toxicity)
    return Harms(
        occurrences=derive_occurrences(events, PROTOCOL),
        worst_grades=derive_worst_grades(events),
        laboratory_grades=derive_laboratory(forms, start=started.select(*KEY, "date")),
    )


def find_time(data: Datasets, row: str) -> tuple[int | None, int | None, str]:
    """Days after the origin, cause and rule of a row such as `pfs/ema/01-001`."""
    found = data.times.filter(pl.col("row") == row)
    assert found.height == 1, f"{row} stands {found.height} times"
    only = found.row(0, named=True)
    after = None if only["days"] is None else only["days"] - 1
    return after, only["cause"], only["rule"]


def _full(form: Form, rows: list[Row]) -> list[Row]:
    counts: dict[str, int] = {}
    full = []
    for row in rows:
        subject = row.get("subject", SUBJECT)
        counts[subject] = counts.get(subject, 0) + 1
        own = {"subject": subject, **DEFAULTS.get(form.form, {}), **row}
        if "record" in form.key:
            own.setdefault("record", str(counts[subject]))
        if form.form == "surv":
            own.setdefault("visit", f"S{counts[subject]}")
        full.append(own)
    return full


def _typed(form: Form, rows: list[Row]) -> pl.DataFrame:
    items = {item.name: item.type for item in form.entered_items}
    unknown = {name for row in rows for name in row} - set(items) - {"subject", "replicate"}
    assert not unknown, f"{form.form} has no item {sorted(unknown)}"
    names = [name for name in items if any(name in row for row in rows)]
    columns = {"subject": pl.Series([row["subject"] for row in rows], dtype=pl.String)}
    for name in names:
        written = pl.Series([_write(row.get(name), items[name]) for row in rows], dtype=pl.String)
        columns[name] = _cast(written, items[name])
    return pl.DataFrame(columns)


def _write(cell: str | None, kind: ItemType) -> str | None:
    dated = kind in (ItemType.DATE, ItemType.PARTIAL_DATE)
    if cell is not None and dated and re.fullmatch(r"-?\d{1,3}|-?1\d{3}", cell):
        return day(int(cell)).isoformat()
    return cell


def _cast(written: pl.Series, kind: ItemType) -> pl.Series:
    if kind is ItemType.DATE:
        return written.str.to_date("%Y-%m-%d")
    if kind is ItemType.YES_NO:
        return written.replace_strict({"true": True, "false": False}, return_dtype=pl.Boolean)
    return written.cast(POLARS_TYPES[kind])


def _at_baseline(lesion: str, cell: str, words: str) -> Row:
    said = words.split(",")
    row = {"lesion": lesion, "role": "non_target" if "other" in said else "target"}
    row["intend_sbrt"] = "false" if "far" in said else "true"
    if "node" in said:
        return {**row, "kind": "nodal", "site": "node_other", "sa_mm": cell}
    return row if cell in STATUS else {**row, "ld_mm": cell}


def _at_visit(cell: str) -> Row:
    row: Row = {}
    if cell[-1] in BIOPSY:
        row["pathology"] = BIOPSY[cell[-1]]
        cell = cell[:-1]
    if cell[-1] in SAID:
        row["increased"] = SAID[cell[-1]]
        cell = cell[:-1]
    if cell.startswith(">"):
        return {**row, "status": "merged", "merged_into": cell[1:]}
    if cell in STATUS:
        return {**row, "status": STATUS[cell]}
    return {**row, "status": "measured", "mm": cell}


def _new(sighting: str) -> Row:
    found = SIGHTING.fullmatch(sighting)
    assert found, f"{sighting} is no new lesion"
    said = {name: cell for name, cell in found.groupdict().items() if cell}
    row: Row = {name: said[name] for name in ("lesion", "mm", "site") if name in said}
    row["certainty"] = "equivocal" if "unsure" in said else "unequivocal"
    row |= {"increased": SAID[said["said"]]} if "said" in said else {}
    if "host" in said:
        row["relation"] = "marginal" if "near" in said else "in_field"
        row["relates_to"] = said["host"]
    return row
