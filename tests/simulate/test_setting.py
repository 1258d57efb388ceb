"""What a rehearsal is asked for, and what it refuses."""

from datetime import timedelta

import pytest

from equipoise.protocol.scenario_model import Operations, Patients
from equipoise.simulate.rehearsal import rehearse
from equipoise.simulate.setting import (
    Conditions,
    RehearsalRefusedError,
    build_setting,
    follow_everyone,
    switch_off,
)
from simulate.rehearsed import trial


def test_the_planned_number_of_subjects_is_the_default() -> None:
    setting = build_setting(trial(), scenario="S2", conditions=Conditions())
    assert setting.subjects == 88
    assert setting.scenario.name == "S2"
    assert setting.experimental_arms == ("B",)


def test_another_number_of_subjects_may_be_asked_for() -> None:
    setting = build_setting(trial(), scenario="S2", conditions=Conditions(subjects=200))
    assert setting.subjects == 200


def test_a_scenario_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="no scenario 'S9'"):
        build_setting(trial(), scenario="S9", conditions=Conditions())


def test_a_protocol_without_a_form_it_needs_is_refused_by_name() -> None:
    forms = tuple(form for form in trial().form if form.form not in {"les_fu", "dth"})
    protocol = trial().model_copy(update={"form": forms})
    with pytest.raises(RehearsalRefusedError, match="no form dth, les_fu"):
        build_setting(protocol, scenario="S2", conditions=Conditions())


def test_a_protocol_without_radiotherapy_is_refused() -> None:
    protocol = trial().model_copy(update={"radiotherapy": None})
    with pytest.raises(RehearsalRefusedError, match=r"no \[radiotherapy\]"):
        build_setting(protocol, scenario="S2", conditions=Conditions())


def test_a_protocol_that_says_nothing_of_its_patients_is_refused() -> None:
    operations = trial().operations.model_copy(update={"patients": Patients()})
    protocol = trial().model_copy(update={"operations": operations})
    with pytest.raises(RehearsalRefusedError, match="who is enrolled"):
        build_setting(protocol, scenario="S2", conditions=Conditions())


def test_without_operations_nobody_is_missed_lost_switched_or_harmed() -> None:
    ideal = switch_off(trial().operations)
    assert ideal.accrual.at_once
    assert ideal.attendance.missed == ideal.attendance.target_not_evaluable == 0
    assert ideal.leaving.lost_per_year == ideal.leaving.withdrawn_per_year == 0
    assert ideal.sbrt.not_started == ideal.sbrt.contamination_per_month == 0
    assert ideal.systemic.switch_per_month == ideal.systemic.not_started == 0
    harms = ("acute_g3", "late_g3", "fatal", "low_grade_mean", "sbrt_acute_g3", "sbrt_late_g3")
    assert all(getattr(ideal.toxicity, name) == 0 for name in harms)


def test_without_operations_biology_and_patients_stay_as_they_are() -> None:
    operations = trial().operations
    ideal = switch_off(operations)
    assert ideal.patients == operations.patients
    assert ideal.systemic.regimen == operations.systemic.regimen
    assert ideal.attendance.jitter_sd_days == operations.attendance.jitter_sd_days


def test_operations_without_settings_are_those_of_an_ideal_trial() -> None:
    plain = Operations()
    assert plain.attendance.missed == plain.leaving.lost_per_year == 0
    assert plain.toxicity.acute_g3 == plain.sbrt.contamination_per_month == 0


def test_a_trial_can_start_on_another_day_and_only_its_dates_move() -> None:
    first = trial().operations.accrual.first_site_date
    plain, later = (
        rehearse(
            trial(), scenario="S2", seed=5,
            conditions=Conditions(subjects=12, first_site_date=first + timedelta(days=days)),
        )
        for days in (0, 40)
    )  # fmt: skip
    same = rehearse(trial(), scenario="S2", seed=5, conditions=Conditions(subjects=12))
    assert plain.frames["rand"].equals(same.frames["rand"])
    moved = later.frames["icf"]["consent_date"] - plain.frames["icf"]["consent_date"]
    assert set(moved.dt.total_days()) == {40}
    assert later.allocations.equals(plain.allocations)
    assert later.truth.subjects.equals(plain.truth.subjects)


def test_arms_follow_the_uniform_numbers_of_a_sequence() -> None:
    def arms(*uniforms: float) -> list[str]:
        conditions = Conditions(subjects=12, allocation_uniforms=uniforms)
        drawn = rehearse(trial(), scenario="S2", seed=5, conditions=conditions)
        return drawn.allocations["arm"].to_list()

    low, high = arms(*[0.001] * 12), arms(*[0.999] * 12)
    assert low[0] != high[0]
    assert arms(*[0.001] * 30) == low  # further numbers wait for further subjects
    with pytest.raises(ValueError, match="5"):
        arms(*[0.5] * 5)


def test_a_trial_that_follows_everyone_keeps_its_treatment_and_accrual() -> None:
    planned = trial().operations
    followed = follow_everyone(planned)

    assert followed.attendance.missed == followed.attendance.target_not_evaluable == 0
    assert followed.leaving.lost_per_year == followed.leaving.withdrawn_per_year == 0
    assert followed.attendance.jitter_sd_days == planned.attendance.jitter_sd_days > 0
    assert (followed.accrual, followed.sbrt, followed.toxicity) == (
        planned.accrual,
        planned.sbrt,
        planned.toxicity,
    )
