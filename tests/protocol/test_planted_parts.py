"""Cross-checks of the parts of `trial.toml`: each one with a planted fault, told at its place."""

import pytest

from protocol.trial_texts import check_told, parse_planted

TRIAL = "trial.toml"
IMDC_LEVELS = (
    'level = [{ value = "fav", label = "favourable" }, '
    '{ value = "int_poor", label = "intermediate or poor" }]'
)

# what stands there | what is planted | code | the place, from its start
SCHEDULE = [
    ('origin = "randomised"\nanytime', 'origin = "sbrt"\nanytime', "unknown-anchor",
     "schedule.origin"),
    ('form = ["rand"] }', 'form = ["random"] }', "unknown-form", "schedule.visit[RAND].form"),
    ('form = ["rand"] }', 'form = ["rand"], arm = ["C"] }', "unknown-arm",
     "schedule.visit[RAND].arm"),
    ('code = "M6"', 'code = "M3"', "name-twice", "schedule.visit"),
    ('after_days = 0, form = ["rand"]', 'after_days = -1, form = ["rand"]',
     "protocol-greater-than-equal", "schedule.visit[1].after_days"),
    ('["les_fu", "newles", "rs", "bicr"]', '["les_fu", "newles", "scans", "bicr"]', "unknown-form",
     "schedule.until_progression"),
    ('origin = "sbrt_completed", day', 'origin = "sbrt_ended", day', "unknown-anchor",
     "schedule.visit[W6].origin"),
    ('origin = "sbrt_completed", day', 'origin = "lesion_sbrt_completed", day', "unknown-anchor",
     "schedule.visit[W6].origin"),
    ('arm = ["B"], form = ["ecog", "vs"]', 'arm = ["B"], imaging = true, form = ["ecog", "vs"]',
     "imaging-from-another-origin", "schedule.visit[W6].origin"),
]  # fmt: skip

ARMS = [
    ('code = "B"', 'code = "A"', "name-twice", "arm"),
    ('role = "experimental"', 'role = "reference"', "reference-arm", "arm"),
    ("ratio = { A = 1, B = 1 }", "ratio = { A = 1 }", "ratio-does-not-fit", "randomisation.ratio"),
    ("ratio = { A = 1, B = 1 }", "ratio = { A = 1, B = 0 }", "block-does-not-fit",
     "randomisation.block_sizes"),
    ("ratio = { A = 1, B = 1 }", "ratio = { A = 2, B = 1 }", "block-does-not-fit",
     "randomisation.block_sizes"),
    ("block_sizes = [4, 6]", "block_sizes = [0]", "block-does-not-fit",
     "randomisation.block_sizes"),
    ("block_sizes = [4, 6]", "block_sizes = [-2]", "block-does-not-fit",
     "randomisation.block_sizes"),
    ("block_sizes = [4, 6]", "block_sizes = []", "protocol-too-short", "randomisation.block_sizes"),
    ("planned_subjects = 88\n", "planned_subjects = 0\n", "protocol-greater-than",
     "randomisation.planned_subjects"),
    ('scheme = "permuted_blocks"', 'scheme = "coin"', "protocol-literal-error",
     "randomisation.scheme"),
]  # fmt: skip

FACTORS = [
    ('form = "rand"\nitem = "imdc"', 'form = "random"\nitem = "imdc"', "unknown-form",
     "stratum[imdc].form"),
    ('form = "rand"\nitem = "imdc"', 'form = "rand"\nitem = "score"', "unknown-item",
     "stratum[imdc].item"),
    ('form = "rand"\nitem = "imdc"', 'form = "rand"\nitem = "randomised_date"', "not-a-code",
     "stratum[imdc].item"),
    ('value = "fav"', 'value = "good"', "unknown-code", "stratum[imdc].level"),
    (IMDC_LEVELS, 'level = [{ value = "fav", label = "favourable" }]', "protocol-too-short",
     "stratum[2].level"),
    ('form = "rand"\ndate_item = "randomised_date"', 'form = "rnd"\ndate_item = "randomised_date"',
     "unknown-form", "randomisation.form"),
    ('date_item = "randomised_date"', 'date_item = "day"', "unknown-item", "randomisation.item"),
    ('form = "dm"\nitem = "age_years"', 'form = "demo"\nitem = "age_years"', "unknown-form",
     "baseline[0].form"),
]  # fmt: skip

ELIGIBILITY = [
    ('id = "I2"', 'id = "I1"', "name-twice", "criterion"),
    ('kind = "inclusion"', 'kind = "wish"', "protocol-literal-error", "criterion[0].kind"),
    ("ie__sbrt_amenable", "ie__sbrt_amenable > 1", "rule-refused", "criterion[I7].met_when"),
    ("ie__sbrt_amenable", "les_bl__role = 'index'", "rule-refused", "criterion[I7].met_when"),
    ("ie__sbrt_amenable", "COUNT(ie__sbrt_amenable) > 0", "rule-refused", "criterion[I7].met_when"),
    ("imdc__kps >= 60", "imdc__kps", "rule-refused", "criterion[I8].met_when"),
    ("IN ('done', 'planned')", "IN ('done', 'later')", "rule-refused", "criterion[I5].met_when"),
    ("BETWEEN 0 AND 42", "BETWEEN 0 AND DATE '2026-02-30'", "rule-refused",
     "criterion[I9].met_when"),
]  # fmt: skip

CUTS = [
    ('id = "DC2"', 'id = "DC1"', "name-twice", "cut"),
    ('anchor = "last_randomised"', 'anchor = "first_randomised"', "protocol-literal-error",
     "cut[0].anchor"),
    ("plus_months = 12", "plus_months = -12", "protocol-greater-than-equal", "cut[0].plus_months"),
    ('name = "S2"', 'name = "S1"', "name-twice", "scenario"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "place"), SCHEDULE)
def test_a_fault_of_the_schedule_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


@pytest.mark.parametrize(("old", "new", "code", "place"), ARMS)
def test_a_fault_of_arms_and_blocks_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


@pytest.mark.parametrize(("old", "new", "code", "place"), FACTORS)
def test_a_fault_of_strata_and_baseline_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


@pytest.mark.parametrize(("old", "new", "code", "place"), ELIGIBILITY)
def test_a_fault_of_eligibility_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


@pytest.mark.parametrize(("old", "new", "code", "place"), CUTS)
def test_a_fault_of_cuts_and_scenarios_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


def test_a_ratio_may_be_unequal_when_the_blocks_hold_it() -> None:
    texts = parse_planted(
        TRIAL,
        old="ratio = { A = 1, B = 1 }\nblock_sizes = [4, 6]",
        new="ratio = { A = 2, B = 1 }\nblock_sizes = [3, 6]",
    )

    assert texts.problems == ()


def test_the_rule_of_a_criterion_may_name_the_randomisation_form_with_and_without_its_name() -> (
    None
):
    for name in ("rand__randomised_date", "randomised_date"):
        parsed = parse_planted(
            TRIAL, old="rand__randomised_date - ie__staging_date", new=f"{name} - ie__staging_date"
        )

        assert parsed.problems == (), name


def test_a_form_of_an_arm_that_is_not_there_is_told() -> None:
    check_told("forms/rt_fx.toml", old='["B"]', new='["C"]', code="unknown-arm", place="arm")


def test_a_form_of_one_arm_that_is_not_hidden_is_told() -> None:
    check_told(
        "forms/rt_fx.toml", old="reveals_arm = true\n", new="", code="arm-not-hidden", place="arm"
    )


def test_a_visit_after_another_origin_is_no_scan_of_the_trial() -> None:
    protocol = parse_planted(TRIAL, old='code = "W6"', new='code = "W7"').protocol
    assert protocol is not None
    assert "W7" in [visit.code for visit in protocol.schedule.visit]
    assert "W7" not in [visit.code for visit in protocol.schedule.imaging_visits]
