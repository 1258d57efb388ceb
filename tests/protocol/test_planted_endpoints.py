"""Cross-checks of anchors, populations, endpoints and the plan: each with a planted fault."""

import pytest

from protocol.trial_texts import check_told, parse_planted, parse_together

TRIAL = "trial.toml"
OS_CENSOR = (
    'censor = [{ frame = "contact", date = "alive_date", words = "last day known to be alive", '
    'rule = "OS-C" }]\n'
)
SWITCH = """switch = [
  { frame = "new_therapy", date = "start_date", words = "new anticancer therapy outside the protocol", rule = "R7" },
]
"""  # noqa: E501 - as it stands in the text

# what stands there | what is planted | code | the place
ANCHORS = [
    ('id = "sbrt_started"', 'id = "first_treatment"', "name-twice", "anchor"),
    ('pick = "first"', 'pick = "middle"', "protocol-enum", "anchor[0].pick"),
    ('{ frame = "rand", date', '{ frame = "rnd", date', "unknown-form-or-frame",
     "anchor[randomised].source[0].frame"),
    ('{ frame = "rand", date = "randomised_date", words', '{ frame = "rand", date = "day", words',
     "unknown-item", "anchor[randomised].source[0].date"),
    ('{ frame = "rand", date = "randomised_date", words', '{ frame = "rand", date = "imdc", words',
     "not-a-date", "anchor[randomised].source[0].date"),
    ('where = "fractions_given >=', 'where = "given >=', "rule-refused",
     "anchor[lesion_sbrt_completed].source[0].where"),
]  # fmt: skip

POPULATIONS = [
    ('id = "mitt"', 'id = "itt"', "name-twice", "population"),
    ("allocated_arm = 'B'", "allocated_arm = 'C'", "rule-refused", "population[pp].rule"),
    ("AND baseline_assessed", "AND dm__sex = 'M'", "rule-refused", "population[mitt].rule"),
    ('rule = "first_treatment_date IS NOT NULL"', 'rule = "first_treatment_date"', "rule-refused",
     "population[safety].rule"),
    ('rule = "first_treatment_date IS NOT NULL"', 'rule = ""', "rule-refused",
     "population[safety].rule"),
]  # fmt: skip

ENDPOINTS = [
    ('id = "os"', 'id = "pfs"', "name-twice", "endpoint"),
    ('role = "primary"\norigin', 'role = "secondary"\norigin', "primary-endpoint", "endpoint"),
    ('role = "secondary"\norigin', 'role = "primary"\norigin', "primary-endpoint", "endpoint"),
    ('origin = "first_treatment"', 'origin = "treated"', "unknown-anchor",
     "endpoint[acute_g3].origin"),
    ('"sbrt_completed"\nreference_origin = "randomised"',
     '"sbrt_completed"\nreference_origin = "born"', "unknown-anchor",
     "endpoint[chronic_g3].reference_origin"),
    ('frame = "subseq", date = "start_date"', 'frame = "subsequent", date = "start_date"',
     "unknown-form-or-frame", "endpoint[ttnt].event[0].frame"),
    ('words = "death without a next therapy"', 'where = "late", words = "death"', "rule-refused",
     "endpoint[ttnt].competing[0].where"),
    ('date = "assessed_date", where = "adequate"', 'date = "adequate", where = "adequate"',
     "not-a-date", "endpoint[lc].censor[0].date"),
    ('frame = "lesion_removal", date = "removal_date"', 'frame = "lesion_removal", date = "type"',
     "not-a-date", "endpoint[lc].switch[0].date"),
    (OS_CENSOR, "", "censor-missing", "endpoint[os]"),
    ('strategy = "composite"', 'strategy = "ignore"', "protocol-literal-error",
     "endpoint[0].estimand.intercurrent[3].strategy"),
    ('id = "conventional", label', 'id = "primary", label', "name-twice",
     "endpoint[acute_g3].window"),
    ("from_day = 92, to_day = 183", "from_day = 192, to_day = 183", "window-backwards",
     "endpoint[acute_g3].window[registry]"),
]  # fmt: skip

CONVENTIONS = [
    ('id = "fda"\nlabel', 'id = "ema"\nlabel', "name-twice", "endpoint[pfs].convention"),
    ('role = "primary"\nnew_therapy', 'role = "sensitivity"\nnew_therapy', "primary-convention",
     "endpoint[pfs].convention"),
    ('role = "sensitivity"\nevent', 'role = "primary"\nevent', "primary-convention",
     "endpoint[pfs].convention"),
    ('frame = "progression_unheld"', 'frame = "progression_held"', "unknown-form-or-frame",
     "endpoint[pfs].convention[fda].event[0].frame"),
    (SWITCH, "", "switch-missing", "endpoint[pfs].convention[fda].new_therapy"),
    ("missed_assessments = 2", "missed_assessments = -2", "protocol-greater-than-equal",
     "endpoint[0].convention[1].missed_assessments"),
]  # fmt: skip

PLAN = [
    ('id = "pfs_cox"', 'id = "pfs_logrank"', "name-twice", "analysis"),
    ('endpoint = "lc_sbrt"', 'endpoint = "lc_srs"', "unknown-endpoint",
     "analysis[lc_sbrt_cif].endpoint"),
    ('id = "lc_cif"\nendpoint = "lc"', 'id = "lc_cif"\nconvention = "ema"\nendpoint = "lc"',
     "unknown-convention", "analysis[lc_cif].convention"),
    ('id = "pfs_cox"\nendpoint = "pfs"\nmethod = "cox"\nrole = "supportive"\nconvention = "ema"',
     'id = "pfs_cox"\nendpoint = "pfs"\nmethod = "cox"\nrole = "supportive"',
     "unknown-convention", "analysis[pfs_cox].convention"),
    ('id = "lc_cif"\nendpoint = "lc"', 'id = "lc_cif"\nwindow = "primary"\nendpoint = "lc"',
     "unknown-window", "analysis[lc_cif].window"),
    ('role = "secondary"\nwindow = "primary"', 'role = "secondary"', "unknown-window",
     "analysis[acute_risk].window"),
    ('method = "logrank"', 'method = "risk_difference"', "method-does-not-fit",
     "analysis[pfs_logrank].method"),
    ('method = "rmst"\nrole = "supportive"\nconvention = "ema"\nat_months = [12, 24]',
     'method = "rmst"\nrole = "supportive"\nconvention = "ema"', "times-missing",
     "analysis[pfs_rmst].at_months"),
    ("alpha = 0.05\nwords", "alpha = 1.0\nwords", "protocol-less-than", "analysis[0].alpha"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "place"), ANCHORS)
def test_a_fault_of_an_anchor_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


@pytest.mark.parametrize(("old", "new", "code", "place"), POPULATIONS)
def test_a_fault_of_a_population_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


@pytest.mark.parametrize(("old", "new", "code", "place"), ENDPOINTS)
def test_a_fault_of_an_endpoint_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


@pytest.mark.parametrize(("old", "new", "code", "place"), CONVENTIONS)
def test_a_fault_of_a_convention_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


@pytest.mark.parametrize(("old", "new", "code", "place"), PLAN)
def test_a_fault_of_the_plan_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


def test_an_occurrence_without_a_window_says_so() -> None:
    parsed = parse_planted(TRIAL, old='kind = "occurrence"\norigin = "first', new='origin = "first')
    codes = {problem.code for problem in parsed.problems if "acute" in problem.where}
    assert codes == {"censor-missing", "method-does-not-fit"}

    of_lesions = 'grain = "lesion"\norigin = "randomised"'
    parsed = parse_planted(TRIAL, old=of_lesions, new='kind = "occurrence"\norigin = "randomised"')
    assert "window-missing" in {problem.code for problem in parsed.problems}


def test_alpha_may_be_split_when_the_parts_add_up() -> None:
    first = ("at_months = [12]\nalpha = 0.05", "at_months = [12]\nalpha = 0.04")
    second = ('id = "pfs_logrank"\n', 'id = "pfs_logrank"\nalpha = 0.01\n')

    assert parse_together(TRIAL, first, second).problems == ()
    told = parse_together(TRIAL, first).problems
    assert [(problem.code, problem.found) for problem in told] == [
        ("alpha-does-not-add-up", "0.04")
    ]


def test_ten_tenths_of_alpha_are_the_whole_alpha() -> None:
    parts = "".join(
        f'\n[[analysis]]\nid = "part_{n}"\nendpoint = "os"\nmethod = "logrank"\n'
        f'role = "descriptive"\nalpha = 0.005\nprovenance = "proposal"\n'
        for n in range(10)
    )
    replaced = ("at_months = [12]\nalpha = 0.05", "at_months = [12]")
    added = ('\n[[analysis]]\nid = "pfs_logrank"', f'{parts}\n[[analysis]]\nid = "pfs_logrank"')

    assert parse_together(TRIAL, replaced, added).problems == ()
