"""The stamp says what a report was made from."""

from dataclasses import replace
from datetime import date

import polars as pl

from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.stamp import build_stamp, digest_frames, list_stamp, stamp_values, write_stamp
from report.trial_values import STAMP

FRAME = pl.DataFrame(
    {"subject": ["01-001", "01-002"], "scan_date": [date(2025, 1, 1), None], "ok": [True, None]}
)
ARMS = pl.DataFrame({"subject": ["01-001", "01-002"], "arm": ["A", "B"]})


def test_the_stamp_carries_the_fingerprint_of_the_protocol() -> None:
    protocol = shipped_protocol()
    stamp = build_stamp(protocol, data_digest="x", code_version="1.2", cut="DC1", seed=4)
    assert stamp.protocol_fingerprint == fingerprint(protocol)
    assert (stamp.protocol_version, stamp.cut, stamp.seed) == ("1.0", "DC1", 4)
    assert not stamp.is_rehearsed


def test_the_digest_does_not_depend_on_the_order_of_rows_columns_and_forms() -> None:
    one = digest_frames({"a": FRAME, "b": FRAME}, allocations=ARMS)
    turned = FRAME.reverse().select(reversed(FRAME.columns))
    assert digest_frames({"b": turned, "a": FRAME}, allocations=ARMS.reverse()) == one


def test_the_digest_changes_with_one_value_one_arm_or_one_form() -> None:
    one = digest_frames({"a": FRAME}, allocations=ARMS)
    other = FRAME.with_columns(ok=pl.Series([True, False]))
    assert digest_frames({"a": other}, allocations=ARMS) != one
    assert digest_frames({"b": FRAME}, allocations=ARMS) != one
    swapped = ARMS.with_columns(arm=pl.Series(["B", "A"]))
    assert digest_frames({"a": FRAME}, allocations=swapped) != one


def test_a_frame_without_columns_has_a_digest() -> None:
    assert len(digest_frames({"a": pl.DataFrame()}, allocations=ARMS)) == 64


def test_the_stamp_is_told_in_words() -> None:
    told = dict(list_stamp(STAMP))
    assert told["Data cut"] == "DC1, entries up to 2026-11-01"
    assert told["Entries"] == "of patients"
    assert told["Arms"] == "shown under their own names (unblinded)"
    assert told["Program"] == "Equipoise 0.1.0"


def test_a_rehearsed_blinded_stamp_without_a_cut_says_all_of_it() -> None:
    stamp = replace(
        STAMP, scenario="S2", scenario_seed=20, blinded=True, cut="", cutoff_date=None, seed=None
    )
    told = dict(list_stamp(stamp))
    assert stamp.is_rehearsed
    assert told["Data cut"] == "none: every entry counts"
    assert told["Entries"] == "rehearsed, scenario S2, seed 20"
    assert told["Arms"] == "masked"
    assert told["Seed of resampling"] == "none"


def test_the_stamp_fits_on_one_line() -> None:
    assert write_stamp(STAMP) == (
        "protocol 1.0 ffffffffffff · data dddddddddddd · cut DC1 · Equipoise 0.1.0 · seed 7 · "
        "unblinded"
    )
    assert "no cut" in write_stamp(replace(STAMP, cut=""))


def test_a_data_cut_is_told_by_its_ledger_line_instead_of_the_digest_of_the_data() -> None:
    stamp = replace(STAMP, ledger_line=4711, ledger_head="a" * 64)
    told = dict(list_stamp(stamp))
    assert told["Ledger"] == f"line 4711, head {'a' * 64}"
    assert "Data" not in told
    assert len(told) == len(list_stamp(STAMP))
    assert " · ledger line 4711 aaaaaaaaaaaa · cut DC1" in write_stamp(stamp)
    assert "data dddd" not in write_stamp(stamp)


def test_the_stamp_as_values_names_one_source() -> None:
    folder = stamp_values(STAMP)
    assert folder["data"] == "d" * 64
    cut = stamp_values(replace(STAMP, ledger_line=4711, ledger_head="a" * 64))
    assert {n: cut[n] for n in cut if n not in folder} == {
        "ledger_line": 4711, "ledger_head": "a" * 64
    }  # fmt: skip
    assert set(folder) - set(cut) == {"data"}
    assert (cut["fingerprint"], cut["cut"], cut["seed"]) == ("f" * 64, "DC1", 7)
