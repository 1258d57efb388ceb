"""Whatever happens to a subject, iRECIST is derived as the slow reading of its rules has it."""

from dataclasses import replace
from functools import cache
from random import Random

import polars as pl
import pytest

from derive.trial_tables import Row, build_frames, day, derive
from equipoise.derive.irecist_words import WAYS
from equipoise.derive.schemas import KEY, Datasets
from naive.irecist import Patient, Sight, first_seen, progress, read_irecist
from naive.progression import Cell, Lesion, Person, Scan

LETTERS = {"target lesions": "T", "non-target lesions": "N", "new lesions": "L"}
SITES = {"lung": "lung", "liver": "liver", "node_other": "nodes", "node_mediastinal": "nodes"}
STEPS = (-120, -60, -50, -20, 0, 0, 0, 0, 10, 20, 49, 50, 60)
STEPS_SAID = (
    "no further growth, no shrinkage",
    "less than 28 days later",
    "was confirmed before",
    "stays open",
    "the bar is reset",
)
SAID = (None, None, None, None, True, False)


def draw_patient(chance: Random) -> Patient:
    """A subject whose lesions change by small steps, some unread, some gone, some new."""
    lesions = tuple(
        Lesion(
            name=f"L{number + 1:02}",
            target=chance.random() < 0.6,
            node=chance.random() < 0.2,
            index=chance.random() < 0.5,
            tenths=chance.choice((150, 200, 250, 400)),
        )
        for number in range(chance.choice((0, 1, 1, 2, 2, 3)))
    )
    scans, sights, increased = [], [], []
    sizes = {lesion.name: lesion.tenths for lesion in lesions}
    new: dict[str, tuple[str, int]] = {}
    when = 0
    for number in range(chance.randint(1, 8)):
        when += chance.choice((14, 27, 28, 60, 84, 84, 84))
        cells = {e.name: _cell(e, sizes, chance) for e in lesions if chance.random() < 0.97}
        seen = _sights(new, chance)
        if cells or seen:
            scans.append(Scan(visit=f"V{number}", day=when, cells=cells))
            sights.append(seen)
            increased.append(_increases(lesions, cells, chance))
    person = Person(lesions=lesions, scans=tuple(scans))
    return _with_new(Patient(person=person, sights=tuple(sights), increased=tuple(increased)))


def _cell(lesion: Lesion, sizes: dict[str, int], chance: Random) -> Cell:
    status = chance.choices(("measured", "absent", "ne", "tstm"), (92, 4, 3, 1))[0]
    if not lesion.target:
        status = chance.choices(
            ("present", "progression", "absent", "ne", "measured"), (55, 20, 10, 5, 10)
        )[0]
    if status == "absent":
        sizes[lesion.name] = 0
    if status != "measured":
        return Cell(status=status)
    sizes[lesion.name] = max(0, sizes[lesion.name] + chance.choice(STEPS))
    return Cell(status=status, tenths=sizes[lesion.name])


def _increases(
    lesions: tuple[Lesion, ...], cells: dict[str, Cell], chance: Random
) -> dict[str, bool]:
    shown = [e.name for e in lesions if not e.target and e.name in cells]
    said = {name: chance.choice(SAID) for name in shown}
    return {name: word for name, word in said.items() if word is not None}


def _sights(new: dict[str, tuple[str, int]], chance: Random) -> dict[str, Sight]:
    """New lesions at a scan: those known change by small steps, sometimes others come."""
    if chance.random() < 0.18 and len(new) < 9:
        for _ in range(chance.choice((1, 1, 2, 4))):
            new[f"N{len(new) + 1:02}"] = (chance.choice(list(SITES)), chance.choice((60, 110, 160)))
    seen = {}
    for name, (site, tenths) in list(new.items()):
        if chance.random() < 0.85:
            size = max(0, tenths + chance.choice(STEPS))
            size = 0 if chance.random() < 0.1 else size
            new[name] = (site, size)
            seen[name] = Sight(
                sure=chance.random() < 0.8,
                organ=SITES[site],
                tenths=size if chance.random() < 0.9 else None,
                increased=chance.choice(SAID) if chance.random() < 0.5 else None,
            )
    return seen


def _with_new(patient: Patient) -> Patient:
    """The patient with the first sightings told to the reading of RECIST 1.1."""
    first = first_seen(patient)
    scans = [
        replace(scan, new={name: True for name, seen in first.items() if seen == place})
        for place, scan in enumerate(patient.person.scans)
    ]
    return replace(patient, person=replace(patient.person, scans=tuple(scans)))


def entries_of(patients: list[Patient]) -> dict[str, list[Row]]:
    """The entries of the patients, numbered as subjects."""
    rows: dict[str, list[Row]] = {form: [] for form in ("rand", "les_bl", "les_fu", "newles")}
    for number, patient in enumerate(patients):
        own = {"subject": f"01-{number + 1:03}"}
        rows["rand"].append(own)
        for lesion in patient.person.lesions:
            rows["les_bl"].append({**own, **_baseline(lesion)})
        for place, scan in enumerate(patient.person.scans):
            at = {**own, "visit": scan.visit, "scan_date": str(scan.day)}
            for name, cell in scan.cells.items():
                said = patient.increased[place].get(name)
                row = {"lesion": name, "status": cell.status, **_size(cell.tenths, said)}
                rows["les_fu"].append({**at, **row})
            for name, sight in patient.sights[place].items():
                certainty = "unequivocal" if sight.sure else "equivocal"
                site = next(site for site, organ in SITES.items() if organ == sight.organ)
                row = {"lesion": name, "site": site, "certainty": certainty}
                rows["newles"].append({**at, **row, **_size(sight.tenths, sight.increased)})
    return {form: said for form, said in rows.items() if said}


def _size(tenths: int | None, increased: bool | None) -> Row:
    row = {} if tenths is None else {"mm": str(tenths / 10)}
    return row if increased is None else {**row, "increased": str(increased).lower()}


def _baseline(lesion: Lesion) -> Row:
    mm = str(lesion.tenths / 10)
    kind = {"kind": "nodal", "sa_mm": mm} if lesion.node else {"ld_mm": mm}
    role = "target" if lesion.target else "non_target"
    return {"lesion": lesion.name, "role": role, "intend_sbrt": str(lesion.index).lower(), **kind}


@cache
def drawn(seed: int) -> tuple[list[Patient], Datasets]:
    """Patients of a seed, and what is derived of them together."""
    chance = Random(seed)
    patients = [draw_patient(chance) for _ in range(400)]
    return patients, derive(build_frames(entries_of(patients)))


def letters(words: str) -> frozenset[str]:
    """Categories as letters."""
    return frozenset(LETTERS[each] for each in words.split(", ") if each)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_response_is_that_of_the_slow_reading(seed: int) -> None:
    patients, data = drawn(seed)
    found: dict[str, list[object]] = {}
    for row in data.iresponses.iter_rows(named=True):
        causes, confirming = letters(row["categories"]), letters(row["confirmed_by"])
        told = (
            row["visit"],
            row["new_target_sum_tenths_mm"],
            row["iresponse"],
            causes,
            confirming,
            row["confirms"],
        )
        found.setdefault(row["subject"], []).append(told)
    for number, patient in enumerate(patients):
        slow = [
            (r.visit, r.new_total, r.overall, r.causes, r.confirming, r.of)
            for r in read_irecist(patient)
        ]
        assert found.get(f"01-{number + 1:03}", []) == slow, patient


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_progression_that_counts_is_that_of_the_slow_reading(seed: int) -> None:
    patients, data = drawn(seed)
    found = {
        row["subject"]: (row["progression_date"], row["confirmed"])
        for row in data.sources["iprogression"].iter_rows(named=True)
    }
    for number, patient in enumerate(patients):
        slow = progress(patient)
        days = {scan.visit: scan.day for scan in patient.person.scans}
        wanted = None if slow is None else (day(days[slow[0]]), slow[1])
        assert found.get(f"01-{number + 1:03}") == wanted, patient


def test_the_patients_drawn_meet_every_response_and_every_step() -> None:
    """What is compared is worth comparing."""
    rows = drawn(1)[1].iresponses
    assert set(rows["iresponse"]) == {
        "iCR",
        "iPR",
        "iSD",
        "NON-iCR/NON-iUPD",
        "iUPD",
        "iCPD",
        "NE",
    }
    for words in (*WAYS.values(), "no progression", "cannot be", *STEPS_SAID):
        assert rows["words"].str.contains(words, literal=True).sum() >= 5, words


@pytest.mark.parametrize("seed", [1, 2])
def test_ipfs_is_never_before_the_first_progression_of_recist(seed: int) -> None:
    sources = drawn(seed)[1].sources
    first = sources["progression_unheld"].group_by(KEY).agg(seen=pl.col("progression_date").min())
    both = sources["iprogression"].join(first, on=list(KEY), how="left")
    assert both.height > 100
    assert (both["progression_date"] >= both["seen"]).all()
    assert both.filter(pl.col("progression_date") > pl.col("seen")).height > 10


@pytest.mark.parametrize("seed", [5, 6])
def test_a_later_scan_changes_no_earlier_response(seed: int) -> None:
    """Only new lesions that were equivocal may; here none is."""
    chance = Random(seed)
    patients = [_certain(draw_patient(chance)) for _ in range(300)]
    patients = [each for each in patients if len(each.person.scans) > 1]
    longer = derive(build_frames(entries_of(patients))).iresponses
    shorter = derive(
        build_frames(entries_of([_without_last(each) for each in patients]))
    ).iresponses
    earlier = longer.join(shorter, on=[*KEY, "visit"], how="semi")
    assert shorter.height > 800
    assert longer.height == shorter.height + len(patients)
    assert earlier.equals(shorter)


def _certain(patient: Patient) -> Patient:
    sights = [{n: replace(s, sure=True) for n, s in scan.items()} for scan in patient.sights]
    return _with_new(replace(patient, sights=tuple(sights)))


def _without_last(patient: Patient) -> Patient:
    person = replace(patient.person, scans=patient.person.scans[:-1])
    return replace(
        patient, person=person, sights=patient.sights[:-1], increased=patient.increased[:-1]
    )
