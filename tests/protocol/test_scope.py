"""What the rules of every form may name, held against a table written by hand from D7.2."""

import pytest

from equipoise.protocol.endpoint_model import DERIVED_FRAMES
from equipoise.protocol.form_model import Aggregate, AggregateFunction, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.protocol.scope import (
    SUBJECT_FACTS,
    aggregate_type,
    codes_of,
    companions,
    form_scope,
    frame_scope,
    own_scope,
    subject_scope,
    types_within,
)

# The forms of one entry a subject: every form reaches them.
OF_SUBJECT = "dm icf diag omd imdc ie rand dth eos".split()

# form | forms it reaches beside those of a subject: their key is part of its own
VISITS = "ecog rs surv vs nfksi eq5d bicr".split()  # an entry a visit
LESIONS = "les_bl rt_rx rt_plan rt_none rtqa".split()  # an entry a lesion
ALSO_REACHED = {
    "dm": "", "icf": "", "diag": "", "omd": "", "imdc": "", "ie": "", "rand": "", "dth": "",
    "eos": "", "ae": "", "ex_sys": "", "subseq": "", "surg": "", "prior_sys": "", "lb": "",
    "reconsent": "", "mh": "", "prior_loc": "", "sae": "", "cm": "", "eot": "", "dev": "",
    **{name: " ".join({*VISITS} - {name}) for name in VISITS},
    **{name: " ".join({*LESIONS} - {name}) for name in LESIONS},
    "rt_fx": " ".join(LESIONS), "rt_dvh": " ".join(LESIONS), "adj": " ".join(VISITS),
    "les_fu": " ".join((*LESIONS, *VISITS, "newles")),
    "newles": " ".join((*LESIONS, *VISITS, "les_fu")),
}  # fmt: skip

# frame of an aggregate | function | its item | type of its value
AGGREGATES = [
    ("les_fu", "count", "", ItemType.INTEGER),
    ("les_fu", "count_distinct", "status", ItemType.INTEGER),
    ("les_fu", "any", "status", ItemType.YES_NO),
    ("les_fu", "min", "scan_date", ItemType.DATE),
    ("les_fu", "max", "mm", ItemType.DECIMAL),
    ("rt_rx", "sum", "fractions", ItemType.INTEGER),
]

# what `derive` promises of a subject, and no arm, that no form could tell
SUBJECTS = """site randomised_date cutoff_date eligible baseline_assessed treatment_started_days
sbrt_started sbrt_complete min_bed10_gy non_protocol_local_therapy death_date last_alive_date
first_treatment_date sbrt_started_date sbrt_completed_date first_response_date
omd_induced n_mets imdc regimen allocated_arm treated_arm""".split()


@pytest.fixture(name="trial", scope="module")
def _trial() -> Protocol:
    return shipped_protocol()


def test_the_table_has_every_form(trial: Protocol) -> None:
    assert set(ALSO_REACHED) == {form.form for form in trial.form}
    assert set(OF_SUBJECT) == {form.form for form in trial.form if not form.key}


@pytest.mark.parametrize("name", ALSO_REACHED)
def test_a_form_reaches_the_forms_of_the_table_and_no_other(trial: Protocol, name: str) -> None:
    scope = form_scope(trial, form=trial.form_named(name))
    reached = {word.split("__")[0] for word in scope if "__" in word}

    assert reached == {*OF_SUBJECT, *ALSO_REACHED[name].split()} - {name}


@pytest.mark.parametrize("name", ALSO_REACHED)
def test_a_form_reaches_all_of_its_own_items_and_today(trial: Protocol, name: str) -> None:
    form = trial.form_named(name)
    scope = form_scope(trial, form=form)
    own = {word for word in scope if "__" not in word}
    partial = [item.name for item in form.item if item.type is ItemType.PARTIAL_DATE]
    expected = {item.name for item in form.item} | {each.name for each in form.aggregate}

    assert own == expected | {"as_of_date"} | {day for p in partial for day in companions(p)}
    assert all(scope[day].type is ItemType.DATE for p in partial for day in companions(p))


@pytest.mark.parametrize("name", ALSO_REACHED)
def test_types_of_some_names_are_those_of_the_whole_reach(trial: Protocol, name: str) -> None:
    form = trial.form_named(name)
    scope = form_scope(trial, form=form)
    types = types_within(scope, form=form, protocol=trial)

    assert {n: item.type for n, item in types.items()} == {n: i.type for n, i in scope.items()}
    with pytest.raises(KeyError):
        types_within(["no_such_item"], form=form, protocol=trial)


def test_the_third_surgery_is_not_read_beside_the_third_adverse_event(trial: Protocol) -> None:
    shared = trial.form_named("surg").key
    scope = form_scope(trial, form=trial.form_named("ae"))

    assert shared == trial.form_named("ae").key
    assert not [word for word in scope if word.startswith("surg__")]


@pytest.mark.parametrize(("form", "function", "item", "kind"), AGGREGATES)
def test_an_aggregate_has_the_type_of_what_it_counts(
    trial: Protocol, form: str, function: str, item: str, kind: ItemType
) -> None:
    aggregate = Aggregate(
        name="x", label="x", function=AggregateFunction(function), form=form, item=item
    )

    assert aggregate_type(aggregate, source=trial.form_named(form)) is kind


def test_every_function_of_aggregates_is_in_the_table() -> None:
    assert {row[1] for row in AGGREGATES} == {function.value for function in AggregateFunction}


def test_an_aggregate_over_what_is_not_there_is_not_in_reach(trial: Protocol) -> None:
    omd = trial.form_named("omd")
    first, *others = omd.aggregate
    lost = first.model_copy(update={"form": "nowhere"})
    changed = omd.model_copy(update={"aggregate": (lost, *others)})

    scope = form_scope(trial, form=changed)

    assert first.name not in {word for word in scope if "__" not in word}
    assert others[0].name in scope


def test_code_items_carry_their_codes_and_others_none(trial: Protocol) -> None:
    scope = own_scope(trial.form_named("dm"), code_lists=trial.code_list)

    assert scope["sex"].codes == {"M", "F"}
    assert scope["birth_year"].codes == frozenset()


def test_terms_of_adverse_events_are_those_of_ctcae_with_their_organ_class(trial: Protocol) -> None:
    terms = codes_of(trial.form_named("ae").item_named("term"), code_lists=trial.code_list)

    assert len(terms) > 800
    assert terms["Pneumonitis"] == "Respiratory, thoracic and mediastinal disorders"


def test_the_subjects_have_the_columns_of_the_table(trial: Protocol) -> None:
    scope = subject_scope(trial)

    assert set(scope) == set(SUBJECTS)
    assert scope["imdc"].codes == {"fav", "int_poor"}
    assert scope["allocated_arm"].codes == scope["treated_arm"].codes == {"A", "B"}
    assert "lesion_sbrt_completed_date" not in scope
    assert set(SUBJECT_FACTS) <= set(scope)


@pytest.mark.parametrize("frame", DERIVED_FRAMES)
def test_a_derived_frame_has_its_declared_columns(trial: Protocol, frame: str) -> None:
    scope = frame_scope(trial, frame=frame)

    assert scope is not None
    assert {name: item.type.value for name, item in scope.items()} == DERIVED_FRAMES[frame]
    assert ItemType.DATE in {item.type for item in scope.values()}


def test_a_form_as_frame_has_its_items_but_neither_today_nor_other_forms(trial: Protocol) -> None:
    scope = frame_scope(trial, frame="les_fu")

    assert scope is not None
    assert {"mm", "resected_date"} <= set(scope)
    assert "as_of_date" not in scope
    assert not [name for name in scope if "__" in name]


def test_the_days_around_a_partial_date_keep_its_stem() -> None:
    assert companions("death_date") == ("death_earliest_date", "death_latest_date")
    assert companions("onset") == ("onset_earliest_date", "onset_latest_date")
