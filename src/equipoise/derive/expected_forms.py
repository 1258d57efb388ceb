"""The forms and items that derivation reads by name; a protocol without one has none of its rows.

Everything else that derivation reads is named by the protocol: anchors, sources, strata, baseline.
"""

import polars as pl

from equipoise.capture.frames import Frames

_TEXT, _DATE, _NUMBER = pl.String(), pl.Date(), pl.Float64()
_WHOLE, _YES_NO = pl.Int64(), pl.Boolean()
_IDENTITY: dict[str, pl.DataType] = {"replicate": pl.Int32(), "subject": _TEXT, "entry": _TEXT}

EXPECTED: dict[str, dict[str, pl.DataType]] = {
    "dm": {"site": _TEXT},
    "les_bl": {
        **dict.fromkeys(("lesion", "role", "kind", "site"), _TEXT),
        "scan_date": _DATE,
        **dict.fromkeys(("ld_mm", "sa_mm"), _NUMBER),
        "intend_sbrt": _YES_NO,
    },
    "les_fu": {
        **dict.fromkeys(("visit", "lesion", "status", "merged_into", "pathology"), _TEXT),
        "scan_date": _DATE,
        "mm": _NUMBER,
        "increased": _YES_NO,
    },
    "newles": {
        **dict.fromkeys(("visit", "lesion", "site", "certainty", "relation", "relates_to"), _TEXT),
        **dict.fromkeys(("method", "baseline_pet"), _TEXT),
        "scan_date": _DATE,
        "mm": _NUMBER,
        "seen_on_ct": _YES_NO,
        "increased": _YES_NO,
        "organ": _TEXT,
    },
    "rs": {"visit": _TEXT, "assessment_date": _DATE, "overall": _TEXT},
    "dth": {"death_date": _TEXT, "death_earliest_date": _DATE, "death_latest_date": _DATE},
    "eos": {"eos_date": _DATE, "reason": _TEXT},
    "surv": {"visit": _TEXT, "alive_date": _DATE},
    "ae": {
        "term": _TEXT,
        "grade": _WHOLE,
        **dict.fromkeys(("onset_earliest_date", "onset_latest_date", "end_latest_date"), _DATE),
        "related_sbrt": _TEXT,
        "outcome": _TEXT,
    },
    "lb": {
        **dict.fromkeys(("test", "unit"), _TEXT),
        **dict.fromkeys(("value", "lln", "uln"), _NUMBER),
        "lab_date": _DATE,
    },
    "ex_sys": {
        "record": _WHOLE,
        **dict.fromkeys(("regimen", "agent", "action", "reason"), _TEXT),
        **dict.fromkeys(("planned_dose_mg", "dose_mg"), _NUMBER),
        **dict.fromkeys(("start_date", "stop_date"), _DATE),
    },
    "subseq": {
        **dict.fromkeys(("type", "reason", "lesion"), _TEXT),
        "start_date": _DATE,
        **dict.fromkeys(("protocol_defined", "against_rcc"), _YES_NO),
    },
    "surg": {"type": _TEXT, "lesion": _TEXT, "surgery_date": _DATE, "planned": _YES_NO},
    "rt_rx": {"lesion": _TEXT, "dose_gy": _NUMBER, "fractions": _WHOLE},
    "rt_none": {"lesion": _TEXT, "reason": _TEXT},
    "rt_fx": {
        "lesion": _TEXT,
        "fraction": _WHOLE,
        "fraction_date": _DATE,
        "fraction_time": _TEXT,
        "dose_gy": _NUMBER,
    },
}


def with_expected(frames: Frames) -> Frames:
    """The frames with every form and item that derivation reads; what was absent is empty."""
    made = {form: _with_columns(frames.get(form), items) for form, items in EXPECTED.items()}
    return {**frames, **made}


def _with_columns(frame: pl.DataFrame | None, items: dict[str, pl.DataType]) -> pl.DataFrame:
    if frame is None:
        return pl.DataFrame(schema={**_IDENTITY, **items})
    absent = [name for name in items if name not in frame.columns]
    if not absent:
        return frame
    return frame.with_columns(pl.lit(None, dtype=items[name]).alias(name) for name in absent)
