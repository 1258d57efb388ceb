"""The settings of each randomisation scheme in protocol text: needed, refused, checked, dumped."""

import pytest

from equipoise.protocol.fingerprint import fingerprint
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.protocol.randomisation_model import KEPT_FROM_SITES, SETTINGS
from equipoise.randomise.plan import plan_of
from protocol.trial_texts import check_told, parse_planted, parse_together

TRIAL = "trial.toml"
BLOCKS = 'scheme = "permuted_blocks"'
SIZES = "block_sizes = [4, 6]"
SAID = {
    "permuted_blocks": SIZES,
    "minimisation": 'imbalance = "range"\npreferred_chance = 0.8',
    "simple": "",
    "big_stick": "max_imbalance = 3",
    "block_urn": "urn_sets = 2",
}


def with_scheme(scheme: str, settings: str) -> Protocol:
    parsed = parse_together(TRIAL, (BLOCKS, f'scheme = "{scheme}"'), (SIZES, settings))
    assert parsed.protocol is not None, [str(each) for each in parsed.problems]
    return parsed.protocol


@pytest.mark.parametrize("scheme", SETTINGS)
def test_each_scheme_is_read_with_its_own_settings(scheme: str) -> None:
    assert plan_of(with_scheme(scheme, SAID[scheme])).scheme == scheme


@pytest.mark.parametrize("scheme", [name for name in SETTINGS if SAID[name]])
def test_a_scheme_without_its_settings_is_told_each_of_them(scheme: str) -> None:
    parsed = parse_together(TRIAL, (BLOCKS, f'scheme = "{scheme}"'), (SIZES, ""))
    told = {(each.where, each.code) for each in parsed.problems}
    needed = [key for key in SETTINGS[scheme] if key != "factor_weight"]
    assert told == {(f"{TRIAL}: randomisation.{key}", "protocol-missing") for key in needed}
    assert all(each.mend == "Add this key." for each in parsed.problems)


@pytest.mark.parametrize("other", [name for name in SETTINGS if SAID[name]])
def test_the_settings_of_another_scheme_are_refused_each_at_its_place(other: str) -> None:
    own = "urn_sets = 2" if other != "block_urn" else "max_imbalance = 2"
    scheme = "block_urn" if other != "block_urn" else "big_stick"
    parsed = parse_together(
        TRIAL, (BLOCKS, f'scheme = "{scheme}"'), (SIZES, f"{own}\n{SAID[other]}")
    )
    told = {(each.where, each.code) for each in parsed.problems}
    said = [line.split(" = ")[0] for line in SAID[other].splitlines()]
    assert told == {
        (f"{TRIAL}: randomisation.{key}", "protocol-setting-of-another-scheme") for key in said
    }
    assert all(f"'{scheme}' has no such setting" in each.message for each in parsed.problems)


MINIMISED = f"{BLOCKS}\nplanned_subjects = 88\nratio = {{ A = 1, B = 1 }}\n{SIZES}"
FAULTS = [
    ('imbalance = "range"\npreferred_chance = 0.5', "chance-does-not-fit", "preferred_chance"),
    ('imbalance = "range"\npreferred_chance = 0', "protocol-greater-than", "preferred_chance"),
    ('imbalance = "range"\npreferred_chance = 1.2', "protocol-less-than-equal", "preferred_chance"),
    ('imbalance = "sd"\npreferred_chance = 0.8', "protocol-literal-error", "imbalance"),
    (f'{SAID["minimisation"]}\nfactor_weight = {{ sex = 2 }}', "unknown-stratum",
     "factor_weight.sex"),
    (f'{SAID["minimisation"]}\nfactor_weight = {{ imdc = 0 }}', "weight-does-not-fit",
     "factor_weight.imdc"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "code", "place"), FAULTS)
def test_a_fault_of_minimisation_is_told(settings: str, code: str, place: str) -> None:
    check_told(
        TRIAL,
        old=MINIMISED,
        new=MINIMISED.replace("permuted_blocks", "minimisation").replace(SIZES, settings),
        code=code,
        place=f"randomisation.{place}",
    )


def test_a_preferred_chance_is_held_against_the_ratio() -> None:
    """With 1:2 chance alone gives a share 1/3: 0.4 prefers, with 1:1 it would not."""
    settings = 'imbalance = "range"\npreferred_chance = 0.4'
    plants = ((BLOCKS, 'scheme = "minimisation"'), (SIZES, settings))
    unequal = parse_together(TRIAL, *plants, ("{ A = 1, B = 1 }", "{ A = 2, B = 4 }"))
    assert unequal.problems == ()
    (problem,) = parse_together(TRIAL, *plants).problems
    assert problem.code == "chance-does-not-fit"
    assert "more than 1/2" in problem.mend


@pytest.mark.parametrize("settings", ["max_imbalance = 0", "max_imbalance = -1"])
def test_a_stick_without_length_is_refused(settings: str) -> None:
    parsed = parse_together(TRIAL, (BLOCKS, 'scheme = "big_stick"'), (SIZES, settings))
    assert [each.code for each in parsed.problems] == ["protocol-greater-than-equal"]


def test_an_arm_without_a_part_of_the_ratio_is_told_for_schemes_without_blocks() -> None:
    parsed = parse_together(
        TRIAL, (BLOCKS, 'scheme = "simple"'), (SIZES, ""), ("{ A = 1, B = 1 }", "{ A = 1, B = 0 }")
    )
    assert [(each.where, each.code) for each in parsed.problems] == [
        (f"{TRIAL}: randomisation.ratio", "ratio-does-not-fit")
    ]


def test_weights_are_read_by_the_names_of_the_factors() -> None:
    said = f"{SAID['minimisation']}\nfactor_weight = {{ imdc = 3 }}"
    plan = plan_of(with_scheme("minimisation", said))
    assert dict(zip(plan.factors, plan.weights, strict=True)) == {
        "omd_induced": 1,
        "n_mets": 1,
        "imdc": 3,
    }


def test_the_order_of_the_ratio_is_layout_and_moves_no_arm() -> None:
    turned = parse_planted(TRIAL, old="{ A = 1, B = 1 }", new="{ B = 1, A = 1 }").protocol
    assert turned is not None
    assert fingerprint(turned) == fingerprint(shipped_protocol())
    assert plan_of(turned) == plan_of(shipped_protocol())
    assert plan_of(turned).arms == ("A", "B")


def test_what_is_not_said_is_no_part_of_the_protocol() -> None:
    """So the fingerprint of a trial in permuted blocks is what it was before the other schemes."""
    said = shipped_protocol().randomisation.model_dump()
    assert set(said) == set(
        "scheme planned_subjects ratio block_sizes form date_item masking provenance".split()
    )
    assert set(with_scheme("simple", "").randomisation.model_dump()) == set(said) - {"block_sizes"}


def test_settings_that_help_to_predict_are_those_of_schemes() -> None:
    assert {key for keys in SETTINGS.values() for key in keys} >= KEPT_FROM_SITES
