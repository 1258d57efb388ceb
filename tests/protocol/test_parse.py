"""Parsing: the reference trial has no problem; every planted one is told with place and mend."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.protocol.parse import (
    ProtocolRefusedError,
    parse_protocol,
    read_protocol,
    shipped_protocol,
)
from protocol.trial_texts import parse_planted, reference_texts, with_planted

# file | what stands there | what is planted | code of the problem | part of its place
PLANTED = [
    ("trial.toml", "format = 1", "format = 2", "protocol-literal-error", "format"),
    ("trial.toml", 'phase = "3"', 'phse = "3"', "protocol-missing", "identity.phase"),
    ("trial.toml", 'phase = "3"', 'phse = "3"', "protocol-extra-forbidden", "identity.phse"),
    ("trial.toml", 'provenance = "proposal: D7.1', 'provenance = "guess: D7.1',
     "protocol-string-pattern-mismatch", "schedule.provenance"),
    ("trial.toml", 'role = "reference"', 'role = "experimental"', "reference-arm", "arm"),
    ("trial.toml", "ratio = { A = 1, B = 1 }", "ratio = { A = 1, C = 1 }",
     "ratio-does-not-fit", "randomisation.ratio"),
    ("trial.toml", "block_sizes = [4, 6]", "block_sizes = [4, 5]",
     "block-does-not-fit", "randomisation.block_sizes"),
    ("trial.toml", '"subseq", "surg"', '"subseq", "surgery"', "unknown-form", "schedule.anytime"),
    ("trial.toml", '"subseq", "surg"', '"subseq"', "form-unreachable", "forms/surg.toml"),
    ("trial.toml", 'origin = "randomised"\nanytime', 'origin = "born"\nanytime',
     "unknown-anchor", "schedule.origin"),
    ("trial.toml", 'frame = "progression", date', 'frame = "progresion", date',
     "unknown-form-or-frame", "endpoint[pfs].event[0].frame"),
    ("trial.toml", 'date = "progression_date"', 'date = "progressed"',
     "unknown-item", "endpoint[pfs].event[0].date"),
    ("trial.toml", 'date = "progression_date"', 'date = "pattern"',
     "not-a-date", "endpoint[pfs].event[0].date"),
    ("trial.toml", "where = \"grade >= 3\"", "where = \"grad >= 3\"",
     "rule-refused", "endpoint[acute_g3].event[0].where"),
    ("trial.toml", "where = \"type = 'systemic' AND NOT", "where = \"type = 'drug' AND NOT",
     "rule-refused", "endpoint[ttnt].event[0].where"),
    ("trial.toml", "alpha = 0.05\nwords", "alpha = 0.04\nwords",
     "alpha-does-not-add-up", "analysis"),
    ("trial.toml", 'convention = "fda"', 'convention = "fdb"',
     "unknown-convention", "analysis[pfs_milestone_fda].convention"),
    ("trial.toml", 'window = "primary"', 'window = "first"',
     "unknown-window", "analysis[acute_risk].window"),
    ("trial.toml", 'method = "risk_difference"', 'method = "cox"',
     "method-does-not-fit", "analysis[acute_risk].method"),
    ("trial.toml", 'population = "pp"', 'population = "perp"',
     "unknown-population", "analysis[pfs_milestone_pp].population"),
    ("trial.toml", 'arms = ["B"]', 'arms = ["C"]', "unknown-arm", "analysis[lc_sbrt_cif].arms"),
    ("trial.toml", "at_months = [12]\nalpha", "alpha", "times-missing", "analysis[pfs_milestone]"),
    ("trial.toml", "eligible AND", "elegible AND", "rule-refused", "population[pp].rule"),
    ("trial.toml", "omd__n_organs <= 3", "omd__organs <= 3", "rule-refused", "criterion[I2]"),
    ("trial.toml", '{ value = "Y", label = "induced" }', '{ value = "J", label = "induced" }',
     "unknown-code", "stratum[omd_induced].level"),
    ("trial.toml", 'endpoint = ["os", "chronic_g3"', 'endpoint = ["ose", "chronic_g3"',
     "unknown-endpoint", "cut[DC2].endpoint"),
    ("trial.toml", "from_day = 1, to_day = 183", "from_day = 184, to_day = 183",
     "window-backwards", "endpoint[acute_g3].window[primary]"),
    ("trial.toml", 'form = "dm"\nitem = "sex"', 'form = "dm"\nitem = "gender"',
     "unknown-item", "baseline[1].item"),
    ("forms/dm.toml", 'code_list = "sex"', 'code_list = "sexes"',
     "unknown-code-list", "forms/dm.toml: item[sex].code_list"),
    ("forms/dm.toml", "min = 1900", "min = 2040", "ranges-crossed", "item[birth_year]"),
    ("forms/dm.toml", 'pattern = "[0-9]{2}"', 'pattern = "[0-9"', "pattern-refused", "item[site]"),
    ("forms/dm.toml", 'type = "code"', 'type = "choice"', "protocol-enum", "item[1].type"),
    ("forms/les_fu.toml", 'key = ["visit", "lesion"]', 'key = ["visit", "leson"]',
     "unknown-item", "forms/les_fu.toml: key"),
    ("forms/les_fu.toml", "absent' AND mm", "gone' AND mm", "rule-refused",
     "check[absent-with-size]"),
    ("forms/les_fu.toml", 'date_item = "scan_date"', 'date_item = "status"',
     "not-a-date", "forms/les_fu.toml: date_item"),
    ("forms/les_bl.toml", "show_if = \"prior_rt\"", "show_if = \"prior_rt AND NOT prior_rt\"",
     "item-unreachable", "item[prior_rt_progressed].show_if"),
    ("forms/omd.toml", 'derived = "CASE WHEN poly_history THEN \'Y\'',
     'derived = "CASE WHEN omd_induced = \'Y\' THEN \'Y\'', "derived-in-a-circle", "omd_induced"),
    ("forms/les_bl.toml", "THEN 'nodes' WHEN", "THEN 'node' WHEN",
     "unknown-code", "forms/les_bl.toml: item[organ].derived"),
    ("forms/omd.toml", 'function = "max"', 'function = "mean"', "protocol-enum", "aggregate[2]"),
    ("forms/ae.toml", 'graded_by = "term"', 'graded_by = "terms"',
     "unknown-CTCAE-item", "item[grade].graded_by"),
    ("forms/eos.toml", 'form = "eos"', 'form = "dth"', "name-twice", "forms"),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "code", "place"), PLANTED)
def test_a_planted_problem_is_told_with_its_place_and_a_mend(
    file: str, old: str, new: str, code: str, place: str
) -> None:
    parsed = parse_planted(file, old=old, new=new)

    told = [problem for problem in parsed.problems if problem.code == code]
    assert parsed.protocol is None
    assert any(place in problem.where for problem in told), [str(p) for p in parsed.problems]
    assert all(problem.message and problem.mend for problem in told)


def test_the_reference_trial_has_no_problem() -> None:
    parsed = parse_protocol(reference_texts())

    assert parsed.problems == ()
    assert parsed.protocol == shipped_protocol()


def test_all_problems_are_told_at_once_of_types_and_of_parts_that_do_not_fit() -> None:
    texts = with_planted("forms/dm.toml", old='type = "code"', new='type = "choice"')
    texts["trial.toml"] = texts["trial.toml"].replace("alpha = 0.05\nwords", "alpha = 0.01\nwords")
    texts["trial.toml"] = texts["trial.toml"].replace("omd__n_organs", "omd__organs")

    codes = {problem.code for problem in parse_protocol(texts).problems}

    assert {"protocol-enum", "alpha-does-not-add-up", "rule-refused"} <= codes


def test_a_misspelt_key_is_answered_with_the_right_one() -> None:
    parsed = parse_planted("trial.toml", old='phase = "3"', new='phse = "3"')

    mends = [p.mend for p in parsed.problems if p.code == "protocol-extra-forbidden"]
    assert mends == ["Did you mean 'phase'?"]


def test_broken_toml_names_the_file_and_the_line() -> None:
    parsed = parse_planted("forms/dth.toml", old='form = "dth"', new="form = dth")

    assert [p.where for p in parsed.problems if p.code == "not-toml"] == ["forms/dth.toml"]
    assert "line 1" in str(parsed.problems[0])


def test_a_folder_without_trial_toml_says_so(tmp_path: Path) -> None:
    parsed = read_protocol(tmp_path)

    assert [(p.where, p.code) for p in parsed.problems] == [("trial.toml", "file-missing")]


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "trial.toml").write_bytes('[identity]\ntitle = "Köln"'.encode("latin-1"))

    parsed = read_protocol(tmp_path)

    assert [(p.where, p.code) for p in parsed.problems] == [("trial.toml", "other-encoding")]


def test_a_folder_on_disk_reads_like_the_shipped_trial(tmp_path: Path) -> None:
    (tmp_path / "forms").mkdir()
    for name, text in reference_texts().items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert read_protocol(tmp_path).protocol == shipped_protocol()


def test_a_shipped_trial_with_problems_is_refused_with_all_of_them(tmp_path: Path) -> None:
    problems = read_protocol(tmp_path).problems

    refusal = ProtocolRefusedError(problems)

    assert "file-missing" in str(refusal)
    assert refusal.problems == problems


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 30_000), st.text(max_size=12))
def test_no_text_makes_the_parser_fall_over(position: int, planted: str) -> None:
    texts = reference_texts()
    trial = texts["trial.toml"]
    texts["trial.toml"] = trial[:position] + planted + trial[position + 3 :]

    parsed = parse_protocol(texts)

    assert (parsed.protocol is None) == bool(parsed.problems)


def test_the_same_texts_give_the_same_protocol_and_a_changed_letter_another() -> None:
    texts = reference_texts()
    first = parse_protocol(texts)
    planted = with_planted("trial.toml", old='phase = "3"', new='phase = "2"')
    assert parse_protocol(planted).protocol != first.protocol
    assert parse_protocol(dict(reversed(texts.items()))).protocol == first.protocol
    texts["trial.toml"] = "phase ="
    assert [told.code for told in parse_protocol(texts).problems][:1] == ["not-toml"]
    assert parse_protocol(reference_texts()) is first
