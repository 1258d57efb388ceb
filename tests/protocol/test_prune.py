"""What is refused is taken out, so that the rest is checked and no echo of it is told."""

from typing import Any

import pytest
from pydantic import ValidationError

from equipoise.protocol.model import Arm, Identity, Protocol, Registry
from equipoise.protocol.prune import is_consequence, prune, refusals, with_summaries
from equipoise.vocab.finding import Finding
from protocol.trial_texts import parse_together


def text(**blocks: Any) -> dict[str, Any]:
    """A protocol text with a few parts, some of which may be replaced."""
    forms = [
        {"form": "dm", "item": [{"name": "sex"}]},
        {"form": "omd", "aggregate": [{"name": "n_lesions", "form": "les"}]},
        {"form": "les", "item": [{"name": "mm"}]},
    ]
    arms = [{"code": "A", "label": "Drug"}, {"code": "B", "label": "Drug and SBRT"}]
    return {"format": 1, "form": forms, "arm": arms, "randomisation": {"ratio": {"A": 1, "B": 1}},
            "code_list": {"sex": {"M": "male"}}, "visit": [{"id": "M3"}], **blocks}  # fmt: skip


def refused(*paths: tuple[str | int, ...], kind: str = "missing") -> list[Any]:
    return [{"loc": path, "type": kind} for path in paths]


def pruned(said: dict[str, Any], *paths: tuple[str | int, ...], kind: str = "missing") -> Any:
    places = [f"forms/{form['form']}.toml" for form in said["form"]]
    return prune(said, places=places, refused=refused(*paths, kind=kind)), places


# what is refused | the names that are lost with it | the forms that stay
LOST = [
    ([("form", 0, "title")], {"form[]", "dm"}, ["omd", "les"]),
    ([("form", 2, "title")], {"form[]", "les", "n_lesions"}, ["dm", "omd"]),
    ([("form", 0, "item"), ("form", 0, "title")], {"form[]", "dm"}, ["omd", "les"]),
    ([("form", 0, "title"), ("form", 2, "item", 0, "label")],
     {"form[]", "dm", "les", "n_lesions"}, ["omd"]),
    ([("visit", 0, "day")], {"visit[]", "M3"}, ["dm", "omd", "les"]),
    ([("code_list", "sex", "M")], {"sex"}, ["dm", "omd", "les"]),
    ([("format",)], set(), ["dm", "omd", "les"]),
    ([("operations", "accrual", "sites")], set(), ["dm", "omd", "les"]),
]  # fmt: skip


@pytest.mark.parametrize(("paths", "names", "forms"), LOST)
def test_an_entry_that_is_refused_goes_with_its_names(
    paths: list[tuple[str | int, ...]], names: set[str], forms: list[str]
) -> None:
    said = text()
    lost, places = pruned(said, *paths)
    assert lost == names
    assert [form["form"] for form in said["form"]] == forms
    assert places == [f"forms/{name}.toml" for name in forms]


def test_a_key_that_nobody_knows_is_taken_out_alone() -> None:
    said = text()
    said["form"][0]["item"][0]["colour"] = "blue"
    lost, places = pruned(said, ("form", 0, "item", 0, "colour"), kind="extra_forbidden")
    assert lost == set()
    assert said["form"][0]["item"] == [{"name": "sex"}]
    assert len(places) == 3


def test_what_nothing_refers_to_is_stood_in_for_empty() -> None:
    said = text(identity={"title": 7}, registry={})
    lost, _ = pruned(said, ("identity", "title"), ("registry", "number"))
    assert lost == set()
    assert isinstance(said["identity"], Identity)
    assert isinstance(said["registry"], Registry)


def test_an_arm_that_is_refused_keeps_its_place_for_the_trial_has_two() -> None:
    said = text()
    lost, _ = pruned(said, ("arm", 1, "role"))
    assert lost == {"arm[]"}
    assert [type(arm) for arm in said["arm"]] == [dict, Arm]
    assert (said["arm"][1].code, said["arm"][1].label) == ("B", "Drug and SBRT")


def test_an_arm_without_a_code_may_have_been_any_of_the_ratio() -> None:
    lost, _ = pruned(text(arm=[{"label": "Drug"}, {"code": "B"}]), ("arm", 0, "code"))
    assert lost == {"arm[]", "A", "B"}
    lost, _ = pruned(text(arm=[{"label": "Drug"}], randomisation=3), ("arm", 0, "code"))
    assert lost == {"arm[]"}


@pytest.mark.parametrize("block", ["schedule", "randomisation", "primary", "anything"])
def test_without_a_block_that_all_else_speaks_of_nothing_is_checked(block: str) -> None:
    assert pruned(text(), (block, "key"))[0] is None


def test_where_nothing_is_refused_there_is_nothing_to_prune() -> None:
    assert pruned(text())[0] is None


def test_a_summary_of_a_lost_form_is_lost_too() -> None:
    assert with_summaries(text(), lost={"les"}) == {"les", "n_lesions"}
    assert with_summaries(text(), lost={"dm"}) == {"dm"}
    assert with_summaries({"form": ["no table", {"aggregate": 3}]}, lost={"dm"}) == {"dm"}


# code | message | what was found | the names lost | whether it is only an echo of them
ECHOES = [
    ("unknown-form", "there is no form 'les'", "les", {"les"}, True),
    ("rule-refused", "the rule names the item les__mm, which ...", "", {"les"}, True),
    ("rule-refused", "the rule names the item omd__n_lesions", "", {"n_lesions"}, True),
    ("rule-refused", "the rule names the item sbrt_date", "", {"sbrt"}, True),
    ("rule-refused", "the rule names the item lesion, which ...", "", {"les"}, False),
    ("rule-refused", "the rule names the item sex", "sex = 'X'", {"les"}, False),
    ("name-twice", "the item 'a' stands 2 times", "a", {"les"}, False),
    ("name-twice", "the item 'a' stands 2 times", "'a'", {"a"}, True),
    ("ratio-does-not-fit", "the ratio does not name the arms", "['A']", {"arm[]"}, True),
    ("ratio-does-not-fit", "the ratio does not name the arms", "['A']", {"form[]"}, False),
    ("reference-arm", "there is no reference arm", "", {"arm[]"}, True),
    ("primary-endpoint", "no endpoint is primary", "", {"endpoint[]"}, True),
    ("alpha-does-not-add-up", "the parts of alpha", "0.04", {"analysis[]"}, True),
    ("alpha-does-not-add-up", "the parts of alpha", "0.04", set(), False),
]  # fmt: skip


@pytest.mark.parametrize(("code", "message", "found", "lost", "echo"), ECHOES)
def test_only_what_speaks_of_a_lost_name_is_an_echo(
    code: str, message: str, found: str, lost: set[str], echo: bool
) -> None:
    problem = Finding(where="trial.toml", code=code, message=message, found=found)
    assert is_consequence(problem, lost=lost) is echo


def test_a_list_short_only_of_refused_entries_is_not_told() -> None:
    with pytest.raises(ValidationError) as caught:
        Protocol.model_validate({"arm": [{"code": 1}], "form": [], "endpoint": []})
    told = {each["loc"] for each in refusals(caught.value, lost=set())}
    assert ("form",) in told
    assert ("arm",) not in told  # its one entry is refused, and may be the second arm
    assert ("form",) not in {each["loc"] for each in refusals(caught.value, lost={"form[]"})}


def test_two_faults_of_different_files_are_told_without_echoes() -> None:
    """A form that is refused takes the rules that name it with it, not those that do not."""
    parsed = parse_together("forms/omd.toml", ('grain = "subject"', 'grain = "person"'))
    assert [(p.where, p.code) for p in parsed.problems] == [
        ("forms/omd.toml: grain", "protocol-enum")
    ]
