"""The scans of thousands at once equal those of each subject followed by itself."""

import numpy as np
import pytest

from equipoise.simulate.cohort import NEVER, build_cohort
from equipoise.simulate.lesions import MOST_LESIONS
from equipoise.simulate.scans import believe
from equipoise.simulate.setting import Conditions, build_setting
from equipoise.simulate.trial_course import Course, draw_course
from naive.site_course import Patient, Story, follow
from simulate.rehearsed import trial

SUBJECTS = 250


def drawn(scenario: str, *, operations: bool) -> Course:
    conditions = Conditions(subjects=SUBJECTS, operations=operations)
    setting = build_setting(trial(), scenario=scenario, conditions=conditions)
    return draw_course(setting, seed=21, replicates=range(1))


def patient_of(course: Course, row: int) -> Patient:
    """One subject of the course; its sizes are those the rehearsal read."""
    lesions, scans, plan = course.lesions, course.scans, course.plan
    count = int(lesions.present[row].sum())
    return Patient(
        baseline=lesions.tenths[row, :count].tolist(),
        is_target=lesions.target[row, :count].tolist(),
        is_node=lesions.nodal[row, :count].tolist(),
        visit_days=plan.day[row, ::2].tolist(),
        is_attended=plan.attended[row, ::2].tolist(),
        extra_days=plan.extra_days[row].tolist(),
        new_day=float(course.new_day[row]),
        size=lambda position, _, lesion: int(scans.tenths[row, position, lesion]),
        cannot_be_judged=lambda position, lesion: bool(scans.unread[row, position, lesion]),
    )


def or_none(day: int) -> int | None:
    return None if day == NEVER else int(day)


@pytest.mark.parametrize("operations", [True, False])
@pytest.mark.parametrize("scenario", ["S2", "S4", "design"])
def test_the_twin_sees_the_same_scans_and_believes_the_same(
    scenario: str, operations: bool
) -> None:
    course = drawn(scenario, operations=operations)
    forever = np.full(SUBJECTS, NEVER)
    watch = believe(course.scans, stop=forever)
    for row in range(SUBJECTS):
        story: Story = follow(patient_of(course, row))
        made = np.nonzero(course.scans.made[row])[0]
        days = course.scans.day[row, made]
        assert story.scans == list(zip(made.tolist(), days.tolist(), strict=True)), row
        assert story.first_seen == or_none(course.scans.first_seen[row]), row
        assert story.decided == or_none(watch.decided[row]), row
        assert story.progressed == or_none(watch.progressed[row]), row


def test_the_cases_that_matter_occur() -> None:
    course = drawn("S4", operations=True)
    watch = believe(course.scans, stop=np.full(SUBJECTS, NEVER))
    confirmed = (watch.progressed < watch.decided) & (watch.decided < NEVER)
    dropped = (watch.suspected == NEVER) & (course.scans.first_seen < watch.progressed)
    assert confirmed.sum() > 20
    assert dropped.sum() >= 3
    assert course.scans.made[:, 1::2].sum() > 5
    assert course.scans.unread.any()
    assert (~course.plan.attended[:, ::2]).any()


def test_the_cohort_of_one_trial_has_its_size() -> None:
    cohort = build_cohort(21, replicates=range(1), subjects=SUBJECTS)
    assert cohort.size == SUBJECTS
    assert drawn("S2", operations=True).lesions.present.shape == (SUBJECTS, MOST_LESIONS)
