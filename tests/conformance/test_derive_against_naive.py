"""Whatever happens to a subject, the derivation says what the slow reading of the rules says."""

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.trial_tables import PROTOCOL, Row, build_frames, derive
from equipoise.derive.schemas import Datasets
from naive.lesion_failure import control, fail
from naive.progression import (
    Cell,
    Lesion,
    Person,
    Scan,
    read_scans,
    survive,
)

VISITS = tuple(
    (visit.code, visit.day - visit.before_days, visit.day + visit.after_days)
    for visit in PROTOCOL.schedule.imaging_visits
)
CODES = [code for code, _, _ in VISITS][:7]
SIZES = [
    0,
    30,
    50,
    60,
    90,
    99,
    100,
    110,
    120,
    130,
    144,
    150,
    160,
    172,
    180,
    200,
    207,
    220,
    240,
    300,
]
BASELINE = [100, 120, 150, 180, 200, 250]
MEASURED = ("measured", "split")


@st.composite
def lesions(draw: st.DrawFn) -> tuple[Lesion, ...]:
    """None to four lesions: targets or not, nodes or not, index lesions or not."""
    return tuple(
        Lesion(
            name=f"L{number + 1:02}",
            target=draw(st.sampled_from([True, True, False])),
            node=draw(st.sampled_from([False, False, True])),
            index=draw(st.sampled_from([True, True, False])),
            tenths=draw(st.sampled_from(BASELINE)),
        )
        for number in range(draw(st.integers(0, 4)))
    )


@st.composite
def cells(draw: st.DrawFn, lesion: Lesion, others: tuple[str, ...]) -> Cell:
    """A lesion at a scan, mostly measured."""
    usual = ["measured"] * 6 if lesion.target else ["present"] * 4 + ["progression", "measured"]
    status = draw(st.sampled_from([*usual, "absent", "absent", "tstm", "ne", "split", "resected"]))
    if others and draw(st.integers(0, 12)) == 0:
        return Cell(status="merged", merged_into=draw(st.sampled_from(others)))
    sized = status in MEASURED
    return Cell(
        status=status,
        tenths=draw(st.sampled_from(SIZES)) if sized else None,
        pathology=draw(st.sampled_from([*[""] * 12, "viable", "no_viable"])),
    )


@st.composite
def scans(draw: st.DrawFn, known: tuple[Lesion, ...]) -> tuple[Scan, ...]:
    """Scans on and off the schedule, some lesions not entered, a few new lesions."""
    days = sorted(draw(st.sets(st.integers(20, 620), max_size=6)))
    codes = sorted(draw(st.sets(st.sampled_from(range(len(CODES))), max_size=len(days))))
    names = [CODES[code] for code in codes] + [f"U{n}" for n in range(len(days) - len(codes))]
    found = []
    for day, visit in zip(days, names, strict=True):
        row = {}
        for lesion in known:
            others = tuple(other.name for other in known if other.name != lesion.name)
            if draw(st.integers(0, 14)):
                row[lesion.name] = draw(cells(lesion, others))
        new = {}
        if draw(st.integers(0, 9)) == 0:
            new[draw(st.sampled_from(["N01", "N02"]))] = draw(st.booleans())
        if row or new:
            found.append(Scan(visit=visit, day=day, cells=row, new=new))
    return tuple(found)


@st.composite
def people(draw: st.DrawFn) -> Person:
    """A subject with scans, perhaps a death, a new therapy, an end of follow-up."""
    known = draw(lesions())
    seen = draw(scans(known))
    last = seen[-1].day if seen else 0
    day = st.one_of(st.none(), st.integers(1, 700))
    death = draw(st.one_of(st.none(), st.integers(last, last + 300)))
    return Person(
        lesions=known, scans=seen, death=death or None, therapy=draw(day), lost=draw(st.booleans())
    )


def entries(persons: list[Person]) -> dict[str, list[Row]]:
    """The entries of the persons, numbered as subjects."""
    rows: dict[str, list[Row]] = {
        form: [] for form in ("rand", "les_bl", "les_fu", "newles", "dth", "subseq", "eos")
    }
    for number, person in enumerate(persons):
        own = {"subject": f"01-{number + 1:03}"}
        rows["rand"].append(own)
        for lesion in person.lesions:
            rows["les_bl"].append({**own, **_baseline(lesion)})
        for scan in person.scans:
            place = {**own, "visit": scan.visit, "scan_date": str(scan.day)}
            for name, cell in scan.cells.items():
                rows["les_fu"].append({**place, "lesion": name, **_follow_up(cell)})
            for name, sure in scan.new.items():
                certainty = "unequivocal" if sure else "equivocal"
                rows["newles"].append({**place, "lesion": name, "certainty": certainty})
        if person.death is not None:
            rows["dth"].append({**own, "death_date": str(person.death)})
        if person.therapy is not None:
            rows["subseq"].append({**own, "start_date": str(person.therapy)})
        if person.lost:
            rows["eos"].append({**own, "eos_date": "900"})
    return {form: said for form, said in rows.items() if said}


def _baseline(lesion: Lesion) -> Row:
    mm = str(lesion.tenths / 10)
    kind = {"kind": "nodal", "sa_mm": mm} if lesion.node else {"ld_mm": mm}
    role = "target" if lesion.target else "non_target"
    return {"lesion": lesion.name, "role": role, "intend_sbrt": str(lesion.index).lower(), **kind}


def _follow_up(cell: Cell) -> Row:
    row = {"status": cell.status}
    row |= {} if cell.tenths is None else {"mm": str(cell.tenths / 10)}
    row |= {"merged_into": cell.merged_into} if cell.merged_into else {}
    return row | ({"pathology": cell.pathology} if cell.pathology else {})


def assessments_of(data: Datasets, subject: str) -> list[tuple[Any, ...]]:
    """What is derived of each follow-up scan of a subject."""
    own = data.assessments.filter((pl.col("subject") == subject) & ~pl.col("baseline"))
    return own.select(
        "visit",
        "sum_tenths_mm",
        "nadir_tenths_mm",
        "target_response",
        "non_target_response",
        "response",
        "held",
    ).rows()


def time_of(data: Datasets, row: str) -> tuple[int, int, str]:
    """Day, cause and rule of a derived time."""
    found = data.times.filter(pl.col("row") == row).row(0, named=True)
    return found["days"] - 1, found["cause"], found["rule"]


def failures_of(data: Datasets, subject: str) -> dict[str, int]:
    """The day of each local failure of a subject, by lesion."""
    frame = data.sources["lesion_failure"].filter(pl.col("subject") == subject)
    start = data.subjects.filter(pl.col("subject") == subject)["randomised_date"][0]
    dates = frame.select("lesion", "failure_date").iter_rows()
    return {lesion: (failed - start).days for lesion, failed in dates}


def compare(persons: list[Person]) -> None:
    """Everything derived of the persons is what the slow reading says."""
    data = derive(build_frames(entries(persons)))
    for number, person in enumerate(persons):
        subject = f"01-{number + 1:03}"
        read = [
            (r.visit, r.total, r.nadir, r.target, r.other, r.overall, r.held)
            for r in read_scans(person)
        ]
        assert assessments_of(data, subject) == read, person
        for name, censoring in (("ema", False), ("fda", True)):
            slow = survive(person, visits=VISITS, censoring=censoring)
            assert time_of(data, f"pfs/{name}/{subject}") == slow, (name, person)
        for lesion in (each for each in person.lesions if each.index):
            found = time_of(data, f"lc//{subject}/{lesion.name}")
            assert found == control(person, lesion), (lesion.name, person)
        failed = {each.name: fail(person, each) for each in person.lesions if each.index}
        assert failures_of(data, subject) == {k: v for k, v in failed.items() if v is not None}, (
            person
        )


@settings(max_examples=30)
@given(st.lists(people(), min_size=1, max_size=10))
def test_responses_holds_times_and_failures_are_those_of_the_slow_reading(
    persons: list[Person],
) -> None:
    compare(persons)


@settings(max_examples=10)
@given(st.lists(people(), min_size=1, max_size=10))
def test_an_event_of_the_censoring_convention_is_never_later(persons: list[Person]) -> None:
    times = derive(build_frames(entries(persons))).times.filter(pl.col("endpoint") == "pfs")
    ema, fda = (times.filter(pl.col("convention") == name) for name in ("ema", "fda"))
    both = ema.join(fda, on="subject", suffix="_fda")
    assert both.height == len(persons)
    assert both.filter(
        (pl.col("cause_fda") == 1) & (pl.col("days_fda") > pl.col("days"))
    ).is_empty()
