"""Cross-checks of the forms: each with a planted fault, told at its file and key path."""

import pytest

from protocol.trial_texts import parse_planted, parse_together

# file | what stands there | what is planted | code | the place
KEYS = [
    ("ae", "required = true\nmin = 1\n", "min = 1\n", "key-not-required",
     "item[record].required"),
    ("ae", 'key = ["record"]', 'key = ["number"]', "unknown-item", "key"),
    ("ae", 'date_item = "onset_date"', 'date_item = "onset"', "unknown-item", "date_item"),
    ("ae", 'date_item = "onset_date"', 'date_item = "grade"', "not-a-date", "date_item"),
    ("ae", 'grain = "event"', 'grain = "episode"', "protocol-enum", "grain"),
    ("ae", 'form = "ae"', 'form = "AE"', "protocol-string-pattern-mismatch", "form"),
]  # fmt: skip

ITEMS = [
    ("dm", 'name = "sex"', 'name = "site"', "name-twice", "item"),
    ("dm", 'name = "sex"', 'name = "1sex"', "protocol-string-pattern-mismatch", "item[1].name"),
    ("dm", 'name = "sex"', 'name = "subject"', "name-reserved", "item[subject]"),
    ("dm", 'name = "sex"', 'name = "as_of_date"', "name-reserved", "item[as_of_date]"),
    ("dm", 'name = "sex"', 'name = "sex__at_birth"', "name-reserved", "item[sex__at_birth]"),
    ("dm", 'name = "sex"', 'name = "missing"', "name-reserved", "item[missing]"),
    ("dm", 'code_list = "sex"\n', "", "codes-missing", "item[sex]"),
    ("dm", 'code_list = "sex"\n', "codes = {}\n", "codes-missing", "item[sex]"),
    ("dm", "max = 2030", "max = 1800", "ranges-crossed", "item[birth_year]"),
    ("dm", "soft_min = 20", "soft_min = 90", "ranges-crossed", "item[age_years]"),
    ("dm", 'pattern = "[0-9]{2}"', 'min = 1', "range-of-no-number", "item[site]"),
    ("dm", 'pattern = "[0-9]{2}"', 'pattern = "(?P<x"', "pattern-refused", "item[site].pattern"),
    ("dm", "required = true\nmin", 'required = "perhaps"\nmin', "protocol-bool-parsing",
     "item[2].required"),
    ("dm", "max = 2030", 'max = "late"', "protocol-float-parsing", "item[2].max"),
    ("ae", 'graded_by = "term"', 'graded_by = "outcome"', "unknown-CTCAE-item",
     "item[grade].graded_by"),
]  # fmt: skip

RULES = [
    ("ae", "end_latest_date < onset_earliest_date", "end_latest_date < onset", "rule-refused",
     "check[ae-end-before-onset].refuse_when"),
    ("ae", "ongoing AND end_date", "ongoing AND surg__record IS NULL AND end_date", "rule-refused",
     "check[ongoing-with-end].refuse_when"),
    ("ae", "outcome = 'fatal'", "outcome = 'dead'", "rule-refused",
     "check[grade-5-not-fatal].refuse_when"),
    ("ae", 'item = "ongoing"', 'item = "going"', "unknown-item", "check[ongoing-with-end].item"),
    ("ae", 'id = "ae-after-death"', 'id = "ae-before-consent"', "name-twice", "check"),
    ("ae", 'id = "ae-after-death"', 'id = "AE 1"', "protocol-string-pattern-mismatch",
     "check[2].id"),
    ("omd", 'show_if = "NOT poly_history"', 'show_if = "NOT polyhistory"', "rule-refused",
     "item[oligo_history].show_if"),
    ("omd", 'show_if = "NOT poly_history"', 'show_if = "poly_history IS NULL AND poly_history"',
     "item-unreachable", "item[oligo_history].show_if"),
    ("omd", 'show_if = "NOT poly_history"', 'show_if = "late_metastasis"', "item-unreachable",
     "item[oligo_history].show_if"),
    ("omd", 'show_if = "NOT poly_history"', 'show_if = "oligo_history"', "item-unreachable",
     "item[oligo_history].show_if"),
    ("les_fu", "show_if = \"status = 'merged'\"",
     "show_if = \"status = 'merged' AND status = 'split'\"", "item-unreachable",
     "item[merged_into].show_if"),
]  # fmt: skip

DERIVED = [
    ("dm", 'unit = "years"\n', 'unit = "years"\nrequired = true\n', "derived-and-asked",
     "item[age_years]"),
    ("dm", 'unit = "years"\n', "unit = \"years\"\nshow_if = \"sex = 'F'\"\n", "derived-and-asked",
     "item[age_years]"),
    ("dm", "icf__consent_date) - birth_year", "icf__consent_date) - age_years",
     "derived-in-a-circle", "item[age_years].derived"),
    ("dm", "EXTRACT(YEAR FROM icf__consent_date)", "icf__consent_date", "rule-refused",
     "item[age_years].derived"),
    ("dm", "- birth_year", "- birth_year / 2", "rule-refused", "item[age_years].derived"),
    ("omd", "THEN 'repeat' WHEN", "THEN 'again' WHEN", "unknown-code", "item[omd_class].derived"),
    ("omd", "n_lesions BETWEEN 1 AND 3", "lesions BETWEEN 1 AND 3", "rule-refused",
     "item[n_mets].derived"),
]  # fmt: skip

AGGREGATES = [
    ("omd", 'name = "n_organs"', 'name = "n_lesions"', "name-twice", "item"),
    ("omd", 'name = "n_organs"', 'name = "omd_state"', "name-twice", "item"),
    ("omd", 'form = "les_bl"', 'form = "lesions"', "unknown-form", "aggregate[n_lesions].form"),
    ("omd", 'item = "organ"', 'item = "organs"', "unknown-item", "aggregate[n_organs].item"),
    ("omd", 'item = "organ"\n', "", "unknown-item", "aggregate[n_organs].item"),
    ("omd", 'item = "organ"\nwhere = "(in_complete_response IS NULL',
     'item = "organ"\nwhere = "role = \'none\' AND (in_complete_response IS NULL', "rule-refused",
     "aggregate[n_organs].where"),
    ("les_bl", 'by = ["organ"]', 'by = ["organs"]', "unknown-item",
     "aggregate[n_targets_in_organ].by"),
    ("les_fu", 'by = ["lesion"]', 'by = ["leson"]', "unknown-item", "aggregate[resected_date].by"),
    ("les_fu", 'by = ["lesion"]', 'by = ["surgery_date"]', "unknown-key-item",
     "aggregate[resected_date].by"),
]  # fmt: skip


def _check_planted(form: str, old: str, new: str, code: str, place: str) -> None:
    file = f"forms/{form}.toml"
    parsed = parse_planted(file, old=old, new=new)

    told = [problem for problem in parsed.problems if problem.code == code]
    assert parsed.protocol is None
    assert f"{file}: {place}" in [problem.where for problem in told], [
        str(problem) for problem in parsed.problems
    ]
    assert all(problem.message and problem.mend for problem in told)


@pytest.mark.parametrize(("form", "old", "new", "code", "place"), KEYS)
def test_a_fault_of_a_key_is_told(form: str, old: str, new: str, code: str, place: str) -> None:
    _check_planted(form, old, new, code, place)


@pytest.mark.parametrize(("form", "old", "new", "code", "place"), ITEMS)
def test_a_fault_of_an_item_is_told(form: str, old: str, new: str, code: str, place: str) -> None:
    _check_planted(form, old, new, code, place)


@pytest.mark.parametrize(("form", "old", "new", "code", "place"), RULES)
def test_a_fault_of_a_rule_is_told(form: str, old: str, new: str, code: str, place: str) -> None:
    _check_planted(form, old, new, code, place)


@pytest.mark.parametrize(("form", "old", "new", "code", "place"), DERIVED)
def test_a_fault_of_a_derived_item_is_told(
    form: str, old: str, new: str, code: str, place: str
) -> None:
    _check_planted(form, old, new, code, place)


@pytest.mark.parametrize(("form", "old", "new", "code", "place"), AGGREGATES)
def test_a_fault_of_an_aggregate_is_told(
    form: str, old: str, new: str, code: str, place: str
) -> None:
    _check_planted(form, old, new, code, place)


def test_an_item_may_be_derived_over_two_forms_but_not_from_itself() -> None:
    parsed = parse_planted(
        "forms/dm.toml", old="- birth_year", new="- CAST(omd__omd_state AS INTEGER)"
    )
    assert parsed.problems == ()

    within = ("CASE WHEN n_lesions BETWEEN", "CASE WHEN n_mets = '1-3' OR n_lesions BETWEEN")
    told = parse_together("forms/omd.toml", within).problems
    assert [(problem.where, problem.code) for problem in told] == [
        ("forms/omd.toml: item[n_mets].derived", "derived-in-a-circle")
    ]


def test_an_item_shown_by_another_form_is_never_called_unreachable() -> None:
    parsed = parse_planted(
        "forms/omd.toml",
        old='show_if = "NOT poly_history"',
        new="show_if = \"dm__sex = 'F' AND dm__sex = 'M'\"",
    )

    assert parsed.problems == ()


def test_an_item_shown_by_a_number_is_never_called_unreachable() -> None:
    parsed = parse_planted(
        "forms/les_fu.toml",
        old='label = "Biopsy of this lesion"',
        new='label = "Biopsy"\nshow_if = "mm > 5 AND mm < 4"',
    )

    assert parsed.problems == ()
