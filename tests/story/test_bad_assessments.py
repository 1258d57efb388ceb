"""One bad subject among twelve good ones: each fault is told at its entry, nobody else moves."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main

GOOD = Path(__file__).parents[1] / "golden" / "subjects"
BAD = "09-001"
# The entries of the bad subject before its fault: two lesions, stable at two visits.
SOUND: dict[str, list[dict[str, str]]] = {
    "dm": [{"site": "09", "sex": "M", "birth_year": "1960"}],
    "icf": [{"consent_date": "2024-12-20", "consent_version": "1"}],
    "rand": [{"randomised_date": "2025-01-10", "omd_induced": "N", "n_mets": "1-3", "imdc": "fav"}],
    "les_bl": [
        {"lesion": name, "role": "target", "kind": "non_nodal", "site": "lung", "method": "ct",
         "scan_date": "2025-01-02", "ld_mm": mm, "prior_rt": "false", "intend_sbrt": "true"}
        for name, mm in (("L01", "20"), ("L02", "25"))
    ],
    "les_fu": [
        {"visit": visit, "lesion": name, "scan_date": day, "status": "measured", "mm": mm}
        for visit, day in (("M3", "2025-04-04"), ("M6", "2025-06-27"))
        for name, mm in (("L01", "20"), ("L02", "25"))
    ],
    "rs": [
        {"visit": visit, "assessment_date": day, "overall": "SD"}
        for visit, day in (("M3", "2025-04-04"), ("M6", "2025-06-27"))
    ],
    "surv": [{"visit": "M6", "alive_date": "2025-06-27", "source": "visit"}],
    "newles": [],
    "dth": [],
    "ae": [],
}  # fmt: skip
Entries = dict[str, list[dict[str, str]]]


def _with(form: str, **values: str) -> Callable[[Entries], None]:
    """A row more of a form."""
    return lambda entries: entries[form].append(values)


def _set(form: str, row: int, **values: str) -> Callable[[Entries], None]:
    """A row of a form, with other values."""
    return lambda entries: entries[form][row].update(values)


def _all(*faults: Callable[[Entries], None]) -> Callable[[Entries], None]:
    def spoil(entries: Entries) -> None:
        for fault in faults:
            fault(entries)

    return spoil


N01 = {"visit": "M3", "scan_date": "2025-04-04", "lesion": "N01", "site": "lung", "mm": "12",
       "certainty": "unequivocal"}  # fmt: skip
DEATH = {"death_date": "2025-08-01", "cause": "ae"}
FATAL = {"record": "1", "term": "Sepsis", "grade": "5", "onset_date": "2025-07-20",
         "end_date": "2025-08-01", "serious": "true", "outcome": "fatal"}  # fmt: skip

FAULTS: dict[str, tuple[Callable[[Entries], None], str, str, str]] = {
    # what is wrong: (how it is made, code, entry, severity)
    "assessments out of order": (
        _all(
            *(_set("les_fu", row, scan_date="2025-06-01") for row in (0, 1)),
            *(_set("les_fu", row, scan_date="2025-05-20") for row in (2, 3)),
        ),
        "visits-out-of-order", "les_fu/M6.L01", "soft",
    ),
    "two assessments on one day": (
        _all(*(_set("les_fu", row, scan_date="2025-04-04") for row in (2, 3))),
        "visits-overlap", "les_fu/M6.L01", "soft",
    ),
    "one lesion twice at a visit": (
        _with("les_fu", **{**SOUND["les_fu"][0], "mm": "40"}),
        "duplicate-key", "les_fu/M3.L01", "hard",
    ),
    "a target in centimetres": (
        _set("les_fu", 2, mm="2.1"), "size-in-centimetres", "les_fu/M6.L01", "soft",
    ),
    "a baseline target in centimetres": (
        _set("les_bl", 0, ld_mm="2.1"), "target-too-small", "les_bl/L01", "hard",
    ),
    "a lesion that changes organ": (
        _with("les_bl", **{**SOUND["les_bl"][0], "site": "liver"}),
        "duplicate-key", "les_bl/L01", "hard",
    ),
    "a new lesion that changes organ": (
        _all(
            _with("newles", **N01),
            _with("newles", **{**N01, "visit": "M6", "scan_date": "2025-06-27", "site": "liver"}),
        ),
        "new-lesion-moved", "newles/M6.N01", "soft",
    ),
    "a negative diameter": (
        _set("les_fu", 2, mm="-20"), "out-of-range", "les_fu/M6.L01", "hard",
    ),
    "a new lesion of the baseline list": (
        _with("newles", **{**N01, "lesion": "L01"}), "pattern-mismatch", "newles/M3.L01", "hard",
    ),
    "progression without any measurement": (
        _with("rs", visit="M9", assessment_date="2025-09-19", overall="PD"),
        "response-without-scans", "rs/M9", "soft",
    ),
    "grade 5 without a death": (
        _with("ae", **FATAL), "fatal-without-death", "ae/1", "hard",
    ),
    "death twice with different dates": (
        _all(_with("ae", **FATAL), _with("dth", **DEATH),
             _with("dth", **{**DEATH, "death_date": "2025-08-09"})),
        "duplicate-key", "dth", "hard",
    ),
    "a fatal event that ends before death": (
        _all(_with("ae", **{**FATAL, "end_date": "2025-07-25"}), _with("dth", **DEATH)),
        "fatal-end-differs", "ae/1", "soft",
    ),
    "a fatal event, and death of cancer": (
        _all(_with("ae", **FATAL), _with("dth", **{**DEATH, "cause": "rcc"})),
        "fatal-cause-differs", "ae/1", "soft",
    ),
    "death by an event that nobody entered": (
        _with("dth", **DEATH), "fatal-event-missing", "dth", "soft",
    ),
    "alive after death": (
        _with("dth", death_date="2025-06-01", cause="rcc"), "alive-after-death", "surv/M6", "hard",
    ),
}  # fmt: skip


def _write(folder: Path, entries: Entries) -> None:
    """The entries of the bad subject behind those of the good ones."""
    for form, rows in entries.items():
        file = folder / f"{form}.csv"
        with file.open(newline="", encoding="utf-8") as opened:
            names = next(csv.reader(opened))
        with file.open("a", newline="", encoding="utf-8") as opened:
            writer = csv.DictWriter(opened, names, lineterminator="\n")
            for row in rows:
                unknown = set(row) - set(names)
                assert not unknown, f"{form}.csv has no {unknown}"
                writer.writerow({"subject": BAD, **row})
    with (folder / "allocations.csv").open("a", encoding="utf-8") as opened:
        opened.write(f"{BAD},A\n")


def _derive(folder: Path) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(main, ["derive", str(folder), "--json"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return done.exit_code, answer


def _spoilt(folder: Path, fault: Callable[[Entries], None] | None) -> dict[str, Any]:
    entries: Entries = {form: [dict(row) for row in rows] for form, rows in SOUND.items()}
    if fault is not None:
        fault(entries)
    _write(folder, entries)
    return _derive(folder)[1]


def _told(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What is told of the bad subject's imaging, deaths and events: code, entry, severity."""
    return [
        (one["code"], one["entry"].removeprefix(f"{BAD}/"), one["severity"])
        for one in answer["findings"]
        if one["subject"] == BAD and one["code"] != "criterion-not-met"
    ]


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(GOOD, tmp_path / "data"))


@pytest.fixture(name="without", scope="module")
def _without() -> dict[str, Any]:
    """The twelve good subjects alone."""
    return _derive(GOOD)[1]


@pytest.fixture(name="before", scope="module")
def _before(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The bad subject before its fault, among the good ones."""
    folder = tmp_path_factory.mktemp("before") / "data"
    return _spoilt(Path(shutil.copytree(GOOD, folder)), None)


@pytest.mark.parametrize("wrong", FAULTS)
def test_each_fault_is_told_with_subject_form_and_entry_and_the_good_subjects_stay(
    wrong: str, folder: Path, without: dict[str, Any], before: dict[str, Any]
) -> None:
    fault, code, entry, severity = FAULTS[wrong]
    answer = _spoilt(folder, fault)

    assert (code, entry, severity) in _told(answer)
    assert (code, entry, severity) not in _told(before)
    [told, *_] = [
        one for one in answer["findings"] if one["code"] == code and one["subject"] == BAD
    ]
    form = entry.split("/")[0]
    assert form in told["where"]
    assert told["found"]
    assert told["message"]
    assert told["mend"]

    good = [row for row in answer["times"] if BAD not in row["row"]]
    assert json.dumps(good) == json.dumps(without["times"])
    assert [one for one in answer["findings"] if one["subject"] != BAD] == without["findings"]
    assert [row for row in answer["times"] if BAD in row["row"]], "the bad subject is derived too"


def test_a_negative_diameter_is_kept_out_and_the_other_lesion_of_the_visit_is_used(
    folder: Path,
) -> None:
    answer = _spoilt(folder, FAULTS["a negative diameter"][0])
    [refused] = [one for one in answer["findings"] if one["code"] == "out-of-range"]
    assert refused["where"].startswith("les_fu.csv row ")
    assert refused["found"] == "-20"
    [time] = [row for row in answer["times"] if row["row"] == f"pfs/ema/{BAD}"]
    assert time["end_date"] == "2025-04-04"  # M6 lacks a target: no adequate assessment
    asked = [one["found"] for one in answer["findings"] if one["code"] == "lesion-not-entered"]
    assert "L01" in asked


def test_of_two_deaths_the_first_in_the_file_counts_and_the_other_is_told_with_its_date(
    folder: Path,
) -> None:
    answer = _spoilt(folder, FAULTS["death twice with different dates"][0])
    [told] = [one for one in answer["findings"] if one["code"] == "duplicate-key"]
    assert told["found"].endswith("death_date = 2025-08-09 against 2025-08-01")
    [time] = [row for row in answer["times"] if row["row"] == f"os//{BAD}"]
    assert (time["end_date"], time["cause"]) == ("2025-08-01", 1)


def test_every_fault_at_once_is_told_and_stops_nothing(
    folder: Path, without: dict[str, Any]
) -> None:
    together = ("a target in centimetres", "two assessments on one day", "grade 5 without a death",
                "one lesion twice at a visit", "progression without any measurement",
                "a new lesion of the baseline list")  # fmt: skip
    answer = _spoilt(folder, _all(*(FAULTS[name][0] for name in together)))
    assert {FAULTS[name][1:] for name in together} <= set(_told(answer))
    good = [row for row in answer["times"] if BAD not in row["row"]]
    assert json.dumps(good) == json.dumps(without["times"])
