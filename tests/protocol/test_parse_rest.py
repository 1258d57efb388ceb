"""A refused entry: the rest is checked all the same, and nothing false is said because of it."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from equipoise.protocol.parse import parse_protocol, read_protocol, shipped_protocol
from protocol.trial_texts import parse_planted, reference_texts

TRIAL = "trial.toml"

# file | what stands there | what is planted | the only place and code of which a word is said
ALONE = [
    (TRIAL, 'role = "reference"', 'role = "refrence"', "arm[0].role", "protocol-literal-error"),
    (TRIAL, 'code = "B"\n', "", "arm[1].code", "protocol-missing"),
    (TRIAL, 'name = "imdc"\nlabel', 'name = "imdc"\nprovenance = 1\nlbl', "", "not-toml"),
    (TRIAL, 'form = "rand"\nitem = "imdc"', 'form = 7\nitem = "imdc"', "stratum[2].form",
     "protocol-string-type"),
    (TRIAL, 'role = "primary"\norigin', 'role = "prime"\norigin', "endpoint[0].role",
     "protocol-literal-error"),
    (TRIAL, 'method = "milestone"', 'method = "mile"', "analysis[pfs_milestone].method",
     "unknown-method"),
    (TRIAL, 'pick = "first"', 'pick = "one"', "anchor[0].pick", "protocol-enum"),
    (TRIAL, "as_treated = true", 'as_treated = "so so"', "population[3].as_treated",
     "protocol-bool-parsing"),
    (TRIAL, "plus_months = 12", "plus_months = -1", "cut[0].plus_months",
     "protocol-greater-than-equal"),
    (TRIAL, "format = 1", "format = 2", "format", "protocol-literal-error"),
    (TRIAL, "version_date = 2026-11-24", 'version_date = "soon"', "identity.version_date",
     "protocol-date-from-datetime-parsing"),
    (TRIAL, 'condition = ["Kidney Neoplasm"]', 'condition = "Kidney Neoplasm"',
     "registry.text.condition", "protocol-tuple-type"),
    (TRIAL, 'M = "male"', "M = 1", "code_list.sex.M", "protocol-string-type"),
    (TRIAL, 'text = "At most five metastases"', "text = 5", "criterion[0].text",
     "protocol-string-type"),
    ("forms/dm.toml", 'type = "code"', 'type = "choice"', "item[1].type", "protocol-enum"),
    ("forms/rand.toml", 'type = "date"', 'type = "day"', "item[0].type", "protocol-enum"),
    ("forms/les_bl.toml", 'type = "date"', 'type = "day"', "item[6].type", "protocol-enum"),
    ("forms/rt_fx.toml", 'grain = "fraction"', 'grain = "part"', "grain", "protocol-enum"),
    ("forms/surg.toml", 'title = ', 'titel = ', "title", "protocol-missing"),
]  # fmt: skip


def _places(problems: tuple[object, ...]) -> list[str]:
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(("file", "old", "new", "place", "code"), ALONE)
def test_one_refused_entry_makes_one_complaint(
    file: str, old: str, new: str, place: str, code: str
) -> None:
    problems = parse_planted(file, old=old, new=new).problems
    where = f"{file}: {place}" if place else file
    told = [(each.where, each.code) for each in problems if "extra" not in each.code]

    assert told == [(where, code)], _places(problems)


@pytest.mark.parametrize(("file", "old", "new", "place", "code"), ALONE)
def test_a_refused_entry_does_not_hide_a_fault_elsewhere(
    file: str, old: str, new: str, place: str, code: str
) -> None:
    texts = reference_texts()
    texts["forms/eos.toml"] = texts["forms/eos.toml"] + (
        '\n[[check]]\nid = "planted"\nrefuse_when = "eos_day > 1"\nmessage = "planted"\n'
    )
    texts[file] = texts[file].replace(old, new, 1)

    codes = {(each.where, each.code) for each in parse_protocol(texts).problems}

    hidden = code == "not-toml"  # without trial.toml nothing can be held against anything
    assert (("forms/eos.toml: check[planted].refuse_when", "rule-refused") in codes) != hidden


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('phase = "3"', 'phase = "3"\ncolour = "blue"'),
        ("planned_subjects = 88\n", "planned_subjects = 88\nplaned = 3\n"),
        ('code = "B"\n', 'code = "B"\ncolour = "red"\n'),
        ("format = 1", "format = 1\nfoo = 2"),
        ('origin = "randomised"\nanytime', 'orgin = "randomised"\norigin = "randomised"\nanytime'),
    ],
)
def test_a_key_too_many_is_all_that_is_said_and_the_rest_is_checked(old: str, new: str) -> None:
    assert [each.code for each in parse_planted(TRIAL, old=old, new=new).problems] == [
        "protocol-extra-forbidden"
    ]
    texts = reference_texts()
    texts[TRIAL] = texts[TRIAL].replace(old, new, 1).replace("omd__n_organs", "omd__organs")
    assert {each.code for each in parse_protocol(texts).problems} == {
        "protocol-extra-forbidden",
        "rule-refused",
    }


def test_several_broken_files_are_told_at_once() -> None:
    texts = reference_texts()
    texts["forms/dth.toml"] = "form = "
    texts["forms/ae.toml"] = "[[item]\n"
    texts["forms/dm.toml"] = texts["forms/dm.toml"].replace('type = "code"', 'type = "choice"', 1)
    texts[TRIAL] = texts[TRIAL].replace('phase = "3"', "phase = 3")

    problems = parse_protocol(texts).problems

    assert {(each.where, each.code) for each in problems} == {
        ("forms/ae.toml", "not-toml"),
        ("forms/dth.toml", "not-toml"),
        ("forms/dm.toml: item[1].type", "protocol-enum"),
        ("trial.toml: identity.phase", "protocol-string-type"),
    }
    assert len(problems) == 4


def test_a_form_file_that_is_no_toml_makes_no_false_complaint() -> None:
    parsed = parse_planted("forms/dth.toml", old='form = "dth"', new="form = dth")

    assert [(each.where, each.code) for each in parsed.problems] == [("forms/dth.toml", "not-toml")]


def test_an_empty_protocol_names_every_block_it_needs() -> None:
    told = {each.where: each.code for each in parse_protocol({TRIAL: ""}).problems}

    needed = "format identity registry arm randomisation schedule endpoint analysis cut design form"
    for block in needed.split():
        assert told[f"{TRIAL}: {block}"] in ("protocol-missing", "protocol-too-short")


@pytest.mark.parametrize(
    "text", ["a = " + "[" * 5000 + "]" * 5000, "a = {" * 5000, "\0", "=", "[["]
)
def test_a_text_that_is_no_toml_is_a_finding_and_stops_nobody(text: str) -> None:
    assert [each.code for each in parse_protocol({TRIAL: text}).problems] == ["not-toml"]


def test_a_folder_named_like_a_form_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "forms" / "old.toml").mkdir(parents=True)
    for name, text in reference_texts().items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert read_protocol(tmp_path).protocol == shipped_protocol()


def test_a_mark_of_byte_order_is_no_fault() -> None:
    texts = {name: "\ufeff" + text for name, text in reference_texts().items()}

    assert parse_protocol(texts).protocol == shipped_protocol()


LINES = [line for line in reference_texts()[TRIAL].splitlines() if " = " in line and line[0] != "#"]


@settings(max_examples=12)
@given(
    st.sampled_from(LINES), st.sampled_from(["7", '"x"', "[]", "{}", "true", "nan", "1979-05-27"])
)
def test_any_value_in_the_place_of_another_is_refused_or_read(line: str, value: str) -> None:
    key = line.partition(" = ")[0]
    if key.strip() in ("visit", "schedule", "{ frame") or line.rstrip()[-1] in "[{,":
        return
    parsed = parse_planted(TRIAL, old=f"\n{line}\n", new=f"\n{key} = {value}\n")

    assert (parsed.protocol is None) == bool(parsed.problems)
    assert all(each.where.startswith((TRIAL, "forms/")) for each in parsed.problems)
