"""A method that reads a second endpoint beside its own is told which one fits."""

import pytest

from equipoise.protocol.check_plan import check_plan
from equipoise.protocol.endpoint_model import Analysis
from equipoise.protocol.methods.competing import IllnessDeathOptions
from equipoise.protocol.methods.readings import KappaOptions
from equipoise.protocol.parse import shipped_protocol
from equipoise.vocab.finding import Finding
from protocol.trial_texts import check_told, parse_planted, parse_together

TRIAL = "trial.toml"
PFS = (
    'id = "pfs_cox"\nendpoint = "pfs"\nmethod = "cox"\nrole = "supportive"\nconvention = "ema"\n'
    "stratified = true\n"
)
LESIONS = 'id = "lc_cif"\nendpoint = "lc"\nmethod = "cumulative_incidence"'
SECOND = "analysis[pfs_cox].options.second_endpoint"


def plan_of(method: str, options: str, *, more: str = "") -> str:
    """The analysis of progression-free survival by another method."""
    own = PFS.replace('"cox"', f'"{method}"').replace("stratified = true\n", more)
    return f"{own}options = {{ {options} }}\n"


def states(options: str) -> str:
    """The same, as who is free of progression, alive with it, or dead."""
    return plan_of("illness_death", options, more="at_months = [12]\n")


# what is planted | code | the place
FAULTS = [
    (states(""), "second-endpoint-does-not-fit", SECOND),
    (states('second_endpoint = "oss"'), "second-endpoint-does-not-fit", SECOND),
    # a next therapy ends no progression-free time; lesions are no patients; PFS is no end of itself
    (states('second_endpoint = "ttnt"'), "second-endpoint-does-not-fit", SECOND),
    (states('second_endpoint = "lc"'), "second-endpoint-does-not-fit", SECOND),
    (states('second_endpoint = "pfs"'), "second-endpoint-does-not-fit", SECOND),
    (states('second_endpoint = 3'), "option-string-type", SECOND),
    (states('second_endpoint = "os", second_convention = "ema"'), "unknown-convention",
     "analysis[pfs_cox].options.second_convention"),
    (states('second_endpoint = "os", state = "ill"'), "option-literal-error",
     "analysis[pfs_cox].options.state"),
    (plan_of("illness_death", 'second_endpoint = "os"'), "times-missing",
     "analysis[pfs_cox].at_months"),
    (plan_of("kappa", 'second_endpoint = "acute_g3"'), "second-endpoint-does-not-fit", SECOND),
    (plan_of("kappa", 'second_endpoint = "dor"'), "second-endpoint-does-not-fit", SECOND),
    (plan_of("kappa", 'second_endpoint = "pfs"'), "unknown-convention",
     "analysis[pfs_cox].options.second_convention"),
    (plan_of("kappa", 'second_endpoint = "pfs", second_convention = "ema"'),
     "second-endpoint-same", "analysis[pfs_cox].options.second_convention"),
    (plan_of("concordance", ""), "covariates-missing", "analysis[pfs_cox].covariates"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "code", "place"), FAULTS)
def test_a_second_endpoint_that_does_not_fit_is_told(new: str, code: str, place: str) -> None:
    check_told(TRIAL, old=PFS, new=new, code=code, place=place)


def told_of(new: str, *, code: str) -> Finding:
    """The one finding of this code."""
    (found,) = [p for p in parse_planted(TRIAL, old=PFS, new=new).problems if p.code == code]
    return found


def test_the_mend_names_the_endpoints_that_fit() -> None:
    ends = told_of(states(""), code="second-endpoint-does-not-fit")
    assert ends.mend == "Write one of: os."
    assert ends.message.endswith("whose events end pfs too, as death does; none is named")
    readings = told_of(
        plan_of("kappa", 'second_endpoint = "acute_g3"'), code="second-endpoint-does-not-fit"
    )
    assert readings.found == "acute_g3"
    fitting = readings.mend.removeprefix("Write one of: ").removesuffix(".").split(", ")
    assert {"pfs", "os", "ttnt"} <= set(fitting)
    assert not {"lc", "acute_g3", "dor", "chronic_g3", "lc_landmark"} & set(fitting)


@pytest.mark.parametrize(
    ("new", "options"),
    [
        (
            states('second_endpoint = "os", measure = "time"'),
            IllnessDeathOptions(second_endpoint="os", measure="time"),
        ),
        (
            plan_of("kappa", 'second_endpoint = "pfs", second_convention = "fda"'),
            KappaOptions(second_endpoint="pfs", second_convention="fda"),
        ),
    ],
)
def test_a_sound_plan_is_read(new: str, options: object) -> None:
    parsed = parse_planted(TRIAL, old=PFS, new=new)
    assert parsed.problems == ()
    assert parsed.protocol is not None
    (analysis,) = [each for each in parsed.protocol.analysis if each.id == "pfs_cox"]
    assert analysis.asked == options


def test_the_investigators_reading_is_a_convention_to_compare_with() -> None:
    unheld = '[[endpoint.convention]]\nid = "unheld"'
    convention = (
        '[[endpoint.convention]]\nid = "investigator"\nbased_on = "ema"\nrole = "sensitivity"\n'
        'label = "Read by the investigator"\n'
        'event = [{ frame = "rs", date = "assessment_date", where = "overall = \'PD\'", '
        'words = "progression as the investigator read it", rule = "R4" }]\n\n'
    )
    asked = plan_of("kappa", 'second_endpoint = "pfs", second_convention = "investigator"')
    parsed = parse_together(TRIAL, (unheld, convention + unheld), (PFS, asked))
    assert parsed.problems == ()


def problems_of(**said: object) -> list[Finding]:
    """What the reference trial's plan with one more analysis is told."""
    trial = shipped_protocol()
    more = Analysis.model_validate({"id": "more", "role": "descriptive", **said})
    return list(check_plan(trial.model_copy(update={"analysis": (*trial.analysis, more)})))


def test_an_event_that_competes_may_be_the_end() -> None:
    options = {"second_endpoint": "os"}
    asked = {"endpoint": "ttnt", "method": "illness_death", "at_months": (12,), "options": options}
    assert problems_of(**asked) == []


def test_lesions_have_no_second_endpoint() -> None:
    codes = [p.code for p in problems_of(endpoint="lc", method="kappa")]
    assert codes == ["grain-does-not-fit"]
    codes = [p.code for p in problems_of(endpoint="acute_g3", method="kappa", window="primary")]
    assert codes == ["method-does-not-fit"]
