"""A plan that asks a method for what it cannot do gets a finding, with its place and a mend."""

import re
from typing import get_args

import pytest

from equipoise.protocol.check_methods import check_options
from equipoise.protocol.check_plan import check_plan
from equipoise.protocol.covariates import covariate_scope
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.methods.hazards import CoxOptions
from equipoise.protocol.methods.spec import Grain, Kind
from equipoise.protocol.parse import shipped_protocol
from protocol.trial_texts import check_told, parse_planted

TRIAL = "trial.toml"
COX = 'id = "os_cox"\nendpoint = "os"\n'
TTNT = 'id = "ttnt_cif"\nendpoint = "ttnt"\nmethod = "cumulative_incidence"\n'
LOGRANK = 'id = "os_logrank"\nendpoint = "os"\nmethod = "logrank"'
MANY = "{}, { rho = 1 }, { gamma = 2 }, { rho = 3 }"
LESIONS = 'id = "lc_cif"\nendpoint = "lc"\nmethod = "cumulative_incidence"'
MEANS = 'id = "os_rmst"\nendpoint = "os"\n'
MILESTONE = 'id = "os_milestone"\nendpoint = "os"\n'

# what stands there | what is planted | code | the place
METHOD_FAULTS = [
    ('method = "median"', 'method = "medians"', "unknown-method", "analysis[pfs_median].method"),
    (COX, f"{COX}options = {{ tie = 1 }}\n", "option-extra-forbidden",
     "analysis[os_cox].options.tie"),
    (COX, f'{COX}options = {{ alternative = "better" }}\n', "option-literal-error",
     "analysis[os_cox].options.alternative"),
    (COX, f'{COX}options = {{ alternative = "less", margin = -1 }}\n', "option-greater-than",
     "analysis[os_cox].options.margin"),
    (COX, f"{COX}options = {{ margin = 1.3 }}\n", "option-margin-without-side",
     "analysis[os_cox].options"),
    (MILESTONE, f'{MILESTONE}covariates = ["imdc"]\n', "covariates-not-used",
     "analysis[os_milestone].covariates"),
    (COX.replace("cox", "logrank") + 'method = "logrank"',
     COX.replace("cox", "logrank") + 'method = "fine_gray"', "competing-missing",
     "analysis[os_logrank].method"),
    (LOGRANK, LOGRANK.replace('"logrank"', '"maxcombo"\noptions = { weights = [{}, {}] }'),
     "option-weights-twice", "analysis[os_logrank].options.weights"),
    (LOGRANK, LOGRANK.replace('"logrank"', f'"maxcombo"\noptions = {{ weights = [{MANY}] }}'),
     "option-too-many-weights", "analysis[os_logrank].options.weights"),
    (LOGRANK, LOGRANK.replace('"logrank"', '"maxcombo"\noptions = { weights = [{ rho = -1 }] }'),
     "option-greater-than-equal", "analysis[os_logrank].options.weights[0].rho"),
    (LOGRANK, LOGRANK.replace('"logrank"', '"logrank_trend"'), "arms-missing",
     "analysis[os_logrank].method"),
    (LOGRANK, LOGRANK.replace('"logrank"', '"logrank_trend"\noptions = { scores = [1] }'),
     "scores-do-not-fit", "analysis[os_logrank].options.scores"),
    (LOGRANK, LOGRANK.replace('"logrank"', '"turnbull"'), "intervals-missing",
     "analysis[os_logrank].method"),
    (LOGRANK, LOGRANK.replace('"logrank"', '"cmh"'), "method-does-not-fit",
     "analysis[os_logrank].method"),
    (LOGRANK, LOGRANK.replace('"logrank"', '"cox_frailty"'), "clusters-missing",
     "analysis[os_logrank].options.cluster"),
    (LESIONS, LESIONS.replace("cumulative_incidence", "gray"), "grain-does-not-fit",
     "analysis[lc_cif].method"),
    (TTNT, TTNT.replace("cumulative_incidence", "fine_gray"),
     "times-not-used", "analysis[ttnt_cif].at_months"),
    (TTNT, TTNT.replace("cumulative_incidence", 'fine_gray"\ncovariates = ["sbrt_started"]\n#'),
     "unknown-covariate", "analysis[ttnt_cif].covariates[0]"),
    (TTNT, TTNT.replace("cumulative_incidence", 'fine_gray"\ncovariates = ["imdc", "imdc"]\n#'),
     "name-twice", "analysis[ttnt_cif].covariates[1]"),
    (COX.replace("cox", "logrank") + 'method = "logrank"',
     COX.replace("cox", "logrank") + 'method = "rank_preserving"', "event-not-intercurrent",
     "analysis[os_logrank].options.event"),
    (COX.replace("cox", "logrank") + 'method = "logrank"',
     COX.replace("cox", "logrank") + 'method = "rank_preserving"\noptions = { event = "flight" }',
     "event-not-intercurrent", "analysis[os_logrank].options.event"),
    (MEANS, f'{MEANS}options = {{ weights = "patient" }}\n', "option-weights-not-clustered",
     "analysis[os_rmst].options"),
    (MEANS, f'{MEANS}stratified = true\noptions = {{ variance = "clustered" }}\n',
     "strata-not-clustered", "analysis[os_rmst].stratified"),
    ("alpha = 0.05\nwords", "alpha = 0.05\nonce = true\nwords", "once-decides",
     "analysis[pfs_milestone].once"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "place"), METHOD_FAULTS)
def test_what_a_method_cannot_do_is_told(old: str, new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=old, new=new, code=code, place=place)


def test_a_slip_in_a_name_is_answered_with_the_name() -> None:
    parsed = parse_planted(TRIAL, old='method = "logrank"', new='method = "log_rank"')
    assert [problem.mend for problem in parsed.problems] == ["Did you mean 'logrank'?"]
    parsed = parse_planted(TRIAL, old=COX, new=f'{COX}options = {{ alternativ = "less" }}\n')
    assert [problem.mend for problem in parsed.problems] == ["Did you mean 'alternative'?"]


def test_options_of_a_sound_plan_are_read() -> None:
    new = f'{COX}options = {{ alternative = "less", margin = 1.3 }}\n'
    parsed = parse_planted(TRIAL, old=COX, new=new)
    assert parsed.problems == ()
    assert parsed.protocol is not None
    analysis = next(each for each in parsed.protocol.analysis if each.id == "os_cox")
    assert analysis.asked == CoxOptions(alternative="less", margin=1.3)


def test_a_method_that_does_not_fit_is_answered_with_those_that_do() -> None:
    old = 'method = "cumulative_incidence"\nrole = "secondary"\nwindow = "primary"'
    parsed = parse_planted(TRIAL, old=old, new=old.replace("cumulative_incidence", "logrank"))
    (problem,) = parsed.problems
    assert problem.code == "method-does-not-fit"
    assert {"cumulative_incidence", "risk_difference"} <= set(re.findall(r"\w+", problem.mend))
    assert "logrank" not in problem.mend


def test_strata_that_the_protocol_does_not_have_are_told() -> None:
    bare = shipped_protocol().model_copy(update={"stratum": ()})
    told = [problem for problem in check_plan(bare) if problem.code == "no-strata"]
    stratified = [a for a in bare.analysis if a.stratified]
    assert [t.where for t in told] == [f"{TRIAL}: analysis[{a.id}].stratified" for a in stratified]
    assert stratified
    assert tuple(check_plan(shipped_protocol())) == ()


@pytest.mark.parametrize("name", METHODS)
def test_every_method_says_what_it_is_and_has_options_with_defaults(name: str) -> None:
    spec = METHODS[name]
    assert spec.name == name
    assert spec.title
    assert any(sign.isdigit() for sign in spec.source), "a source has a year"
    assert set(spec.kinds) <= set(get_args(Kind))
    assert spec.kinds
    assert set(spec.grains) <= set(get_args(Grain))
    assert spec.grains
    assert tuple(check_options(spec, said={}, place="options")) == ()
    assert all(field.description for field in spec.options.model_fields.values())


def test_covariates_are_strata_subgroups_and_baseline_variables_with_levels_or_numbers() -> None:
    scope = covariate_scope(shipped_protocol())
    assert {"omd_induced", "n_mets", "imdc", "regimen", "dm__sex", "dm__age_years"} <= set(scope)
    assert scope["dm__sex"].levels == {"M": "male", "F": "female"}
    assert scope["dm__age_years"].levels == {}
    assert scope["omd__n_lesions"].label == "Number of metastases at baseline"
    assert "sbrt_started" not in scope
    assert all(covariate.label for covariate in scope.values())


def test_covariates_that_are_named_are_those_of_all() -> None:
    every = covariate_scope(shipped_protocol())
    named = covariate_scope(shipped_protocol(), names=("imdc", "dm__sex"))
    assert {name for name in named if "__" in name} == {"dm__sex"}
    assert named == {name: every[name] for name in every if name in named}
    assert "imdc" in named
