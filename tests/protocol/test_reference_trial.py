"""The reference trial says what the domain brief says (section 10 and the tables it sums up)."""

import itertools

import pytest

from equipoise.protocol.endpoint_model import DERIVED_FRAMES
from equipoise.protocol.model import PROVENANCE_KINDS, Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.protocol.scope import codes_of, companions, form_scope, frame_scope, subject_scope


@pytest.fixture(name="trial", scope="module")
def _trial() -> Protocol:
    return shipped_protocol()


def test_size_ratio_blocks_and_strata(trial: Protocol) -> None:
    assert trial.identity.id == "SABLOR"
    assert trial.randomisation.planned_subjects == 88
    assert trial.randomisation.ratio == {"A": 1, "B": 1}
    assert trial.randomisation.block_sizes == (4, 6)
    assert {s.name: [level.value for level in s.level] for s in trial.stratum} == {
        "omd_induced": ["N", "Y"],
        "n_mets": ["1-3", "4-5"],
        "imdc": ["fav", "int_poor"],
    }


def test_scans_every_84_days_with_one_at_twelve_months(trial: Protocol) -> None:
    days = [visit.day for visit in trial.schedule.imaging_visits]

    assert days[:4] == [84, 168, 252, 365]
    assert set(range(449, 702, 84)) <= set(days)
    assert all(b - a == 168 for a, b in itertools.pairwise(days[7:]))


def test_windows_of_the_adverse_event_endpoints(trial: Protocol) -> None:
    acute = {w.id: (w.from_day, w.to_day) for w in trial.endpoint_named("acute_g3").window}
    chronic = {w.id: (w.from_day, w.to_day) for w in trial.endpoint_named("chronic_g3").window}

    from_sbrt = {w.id: (w.from_day, w.to_day) for w in trial.endpoint_named("acute_g3_sbrt").window}
    split = {w.id: (w.from_day, w.to_day) for w in trial.endpoint_named("any_g3").window}

    assert from_sbrt == acute
    assert split == {"any": (1, 1096), "early": (1, 90), "late": (91, 1096)}
    assert acute["primary"] == (1, 183)
    assert acute["conventional"] == (1, 91)
    assert acute["registry"] == (92, 183)
    assert acute["intermediate"] == (184, 364)
    assert chronic["primary"] == (365, 1096)


def test_two_data_cuts(trial: Protocol) -> None:
    assert {cut.id: cut.plus_months for cut in trial.cut} == {"DC1": 12, "DC2": 38}


def test_the_assumptions_behind_88(trial: Protocol) -> None:
    design = trial.design

    assert (design.reference_rate, design.experimental_rate) == (0.50, 0.80)
    assert (design.alpha, design.sides, design.power, design.dropout) == (0.05, 2, 0.80, 0.10)


def test_all_sixteen_findings_of_the_record_carry_a_resolution(trial: Protocol) -> None:
    resolutions = " ".join(finding.resolution for finding in trial.registry.finding)

    assert all(finding.resolution for finding in trial.registry.finding)
    assert all(f"(S{number})" in resolutions for number in range(1, 17))


def test_the_registry_text_is_kept_word_for_word(trial: Protocol) -> None:
    assert "Stereotatic" in trial.registry.text.intervention[0]
    assert trial.registry.text.primary_outcome[0].endswith(
        "One year after completion of enrollment"
    )


def test_what_the_record_does_not_give_says_where_it_comes_from(trial: Protocol) -> None:
    said = [arm.provenance for arm in trial.arm]
    said += [stratum.provenance for stratum in trial.stratum]
    said += [criterion.provenance for criterion in trial.criterion]
    said += [endpoint.provenance for endpoint in trial.endpoint]
    said += [analysis.provenance for analysis in trial.analysis]
    said += [cut.provenance for cut in trial.cut]
    said += [scenario.provenance for scenario in trial.scenario]
    said += list(trial.randomisation.provenance.values())

    assert all(text.startswith(PROVENANCE_KINDS) for text in said)


def test_every_endpoint_of_the_record_is_there(trial: Protocol) -> None:
    outcomes = {endpoint.registry_outcome for endpoint in trial.endpoint}

    assert {"primary 1", "secondary 1", "secondary 2", "secondary 3", "secondary 4"} <= outcomes


def test_the_primary_result_is_held_against_what_cannot_be_seen(trial: Protocol) -> None:
    """What the domain asks for beside other conventions of the endpoint, each a sensitivity."""
    own = {each.method: each for each in trial.analysis if each.endpoint == "pfs"}
    asked = (
        *("rerandomisation", "adjusted_milestone", "turnbull", "interval_cox", "tipping_point"),
        *("censoring_extremes", "weighted_stayers", "leave_one_site_out"),
    )

    for method in asked:
        assert (own[method].role, own[method].convention) == ("sensitivity", "ema"), method
        assert own[method].at_months == (() if method == "interval_cox" else (12,)), method
        assert not own[method].alpha


def test_time_to_next_therapy_is_protocol_text_over_an_ordinary_form(trial: Protocol) -> None:
    endpoint = trial.endpoint_named("ttnt")

    assert [source.frame for source in endpoint.event] == ["subseq"]
    assert [source.frame for source in endpoint.competing] == ["death"]


def test_the_arm_is_no_item_of_any_form(trial: Protocol) -> None:
    names = {item.name for form in trial.form for item in form.item}

    assert not names & {"arm", "allocation", "treatment_arm"}


def test_what_does_not_exist_is_a_key_error(trial: Protocol) -> None:
    for look_up in (
        trial.form_named,
        trial.endpoint_named,
        trial.scenario_named,
        trial.cut_named,
        trial.form_named("dm").item_named,
    ):
        with pytest.raises(KeyError, match="nothing"):
            look_up("nothing")


def test_a_form_reaches_forms_whose_key_it_shares(trial: Protocol) -> None:
    scope = form_scope(trial, form=trial.form_named("les_fu"))

    assert {"les_bl__role", "rand__randomised_date", "resected_date", "as_of_date"} <= set(scope)
    assert "ae__grade" not in scope
    assert companions("death_date") == ("death_earliest_date", "death_latest_date")
    assert "dth__death_latest_date" in scope


def test_frames_and_subjects_have_a_scope(trial: Protocol) -> None:
    assert all(frame_scope(trial, frame=frame) for frame in DERIVED_FRAMES)
    assert frame_scope(trial, frame="no_frame") is None
    assert {"allocated_arm", "treated_arm", "eligible", "omd_induced"} <= set(subject_scope(trial))


def test_the_ctcae_terms_are_the_codes_of_the_adverse_event_term(trial: Protocol) -> None:
    term = trial.form_named("ae").item_named("term")

    assert len(codes_of(term, code_lists=trial.code_list)) == 837
