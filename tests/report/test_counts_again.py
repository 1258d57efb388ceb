"""Each count of the tables, made again in plain loops, is the same."""

import pytest

from equipoise.report.facts import Facts
from equipoise.report.tables.adverse_events import build_worst_grades, safety_members
from equipoise.report.tables.baseline import build_baseline
from equipoise.report.tables.endings import build_endings
from equipoise.report.tables.exposure import build_later, build_systemic
from equipoise.report.tables.scans import build_scans
from report.plain_counts import (
    Row,
    arm_sizes,
    expected_at,
    level_counts,
    scan_delays,
    share,
    spread,
    worst_grades,
)
from report.table_reading import row_named


@pytest.fixture
def subjects(facts: Facts) -> list[Row]:
    """The subjects as rows."""
    return list(facts.subjects.to_dicts())


def test_the_sizes_of_the_arms_are_counted_again(facts: Facts, subjects: list[Row]) -> None:
    sizes = arm_sizes(subjects)
    cells = row_named(build_baseline(facts), "Patients")
    assert cells == (str(sizes["A"]), str(sizes["B"]), str(sizes.total()))


@pytest.mark.parametrize(
    ("column", "value", "label"),
    [
        ("omd_induced", "Y", "induced"),
        ("n_mets", "1-3", "1 to 3"),
        ("imdc", "int_poor", "intermediate or poor"),
        ("dm__sex", "F", "female"),
        ("omd__omd_class", "repeat", "repeat"),
        ("diag__histology", "papillary", "papillary"),
    ],
)
def test_the_levels_at_baseline_are_counted_again(
    facts: Facts, subjects: list[Row], column: str, value: str, label: str
) -> None:
    cells = row_named(build_baseline(facts), label)
    for arm, cell in zip("AB", cells, strict=False):
        counts = level_counts(subjects, column=column, arm=arm)
        assert cell == share(counts[value], counts.total())


@pytest.mark.parametrize("arm", ["A", "B"])
def test_the_ages_are_summed_up_again(facts: Facts, subjects: list[Row], arm: str) -> None:
    ages = [float(str(r["dm__age_years"])) for r in subjects if r["allocated_arm"] == arm]
    cells = row_named(build_baseline(facts), "Age at consent, years")
    assert cells["AB".index(arm)] == spread(ages)


def test_the_worst_grades_are_counted_again(facts: Facts) -> None:
    arm_of = {str(s): str(a) for s, a in safety_members(facts).iter_rows()}
    sizes = {arm: sum(found == arm for found in arm_of.values()) for arm in "AB"}
    again = worst_grades(facts.worst_grades.to_dicts(), arm_of=arm_of)
    table = build_worst_grades(facts, table_id="x", every_term=True)
    for term, cells in again.items():
        printed = row_named(table, term)
        for place, (arm, grade) in enumerate((a, g) for a in "AB" for g in (2, 3, 4, 5)):
            count = cells.get(f"{arm} {grade}", 0)
            assert printed[place] == (share(count, sizes[arm]) if count else "0")


@pytest.mark.parametrize(
    ("visit", "label"), [("M3", "Month 3"), ("M6", "Month 6"), ("M9", "Month 9")]
)
def test_the_scans_of_a_visit_are_counted_again(
    facts: Facts, subjects: list[Row], visit: str, label: str
) -> None:
    plan = next(v for v in facts.protocol.schedule.visit if v.code == visit)
    events = facts.times.filter(endpoint="pfs", convention="ema", cause=1)
    progressed = dict(events.select("subject", "end_date").iter_rows())
    expected = expected_at(subjects, progressed, day=plan.day, after=plan.after_days)
    delays = scan_delays(subjects, facts.assessments.to_dicts(), visit=visit, day=plan.day)
    cells = row_named(build_scans(facts), label)
    arm_of = {str(row["subject"]): row["allocated_arm"] for row in subjects}
    for arm, start in (("A", 0), ("B", 4)):
        own = {subject for subject in expected if arm_of[subject] == arm}
        done = own & set(delays)
        assert cells[start] == str(len(own))
        assert cells[start + 1] == share(len(done), len(own))
        assert cells[start + 3] == spread(delays[subject] for subject in done)


@pytest.mark.parametrize(("endpoint", "convention"), [("pfs", "ema"), ("pfs", "fda"), ("os", "")])
def test_the_endings_are_counted_again(facts: Facts, endpoint: str, convention: str) -> None:
    table = build_endings(
        facts,
        endpoint=facts.protocol.endpoint_named(endpoint),
        convention=convention,
        table_id="x",
    )
    rows = [r for r in facts.times.to_dicts() if r["endpoint"] == endpoint]
    rows = [r for r in rows if r["convention"] == convention]
    for row in table.rows:
        if row.heading:
            continue
        rule, words = row.cells[0], row.cells[1].lower()
        for arm, cell in zip("AB", row.cells[2:], strict=True):
            own = [r for r in rows if r["allocated_arm"] == arm]
            same = [r for r in own if r["rule"] == rule and r["words"].lower() == words]
            assert cell == share(len(same), len(own))


def test_the_patients_of_a_regimen_are_counted_again(facts: Facts) -> None:
    rows = [r for r in facts.exposure.to_dicts() if r["regimen"] == "nivo_ipi"]
    cells = row_named(build_systemic(facts), "nivolumab + ipilimumab")
    for arm, cell in zip("AB", cells, strict=True):
        patients = {r["subject"] for r in rows if r["allocated_arm"] == arm}
        assert cell == share(len(patients), 22)


def test_the_later_lines_are_counted_again(facts: Facts) -> None:
    rows = [r for r in facts.later_lines.to_dicts() if r["systemic_lines"] > 0]
    cells = row_named(build_later(facts), "A later systemic line")
    for arm, cell in zip("AB", cells, strict=True):
        assert cell == share(sum(r["allocated_arm"] == arm for r in rows), 22)
