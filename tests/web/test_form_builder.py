"""Fields of a form: how each kind of item is drawn, and that nothing written is lost."""

import pytest

from conformance.made_entries import shipped_protocols
from equipoise.capture.codes import Code
from equipoise.protocol.form_model import Form, Item, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.parse import shipped_protocol
from equipoise.protocol.scope import codes_of
from equipoise.web.form_builder import (
    FOUND_AT_ONCE,
    Control,
    build_fields,
    build_hint,
    control_of,
    count_missing,
    search_codes,
    spell_text,
    told_beside,
)
from web.form_texts import examples, fields, fill

FORMS = [(p, form) for p in shipped_protocols() for form in p.form]
FOLLOW_UP = {"visit": "M3", "lesion": "L01", "scan_date": "2026-03-02"}


def protocol() -> Protocol:
    """The reference trial."""
    return shipped_protocol()


@pytest.mark.parametrize(("trial", "form"), FORMS, ids=lambda x: getattr(x, "form", ""))
def test_every_item_of_every_form_is_a_field_with_its_label_and_unit(
    trial: Protocol, form: Form
) -> None:
    drawn = build_fields(fill(form, trial))
    assert [(f.name, f.label, f.unit) for f in drawn] == [
        (i.name, i.label, i.unit) for i in form.item
    ]
    for field, item in zip(drawn, form.item, strict=True):
        assert (field.control is Control.DERIVED) == bool(item.derived)
        if field.control in (Control.RADIO, Control.SELECT):
            codes = codes_of(item, code_lists=trial.code_list) or ("Y", "N")
            assert [choice.value for choice in field.choices] == list(codes)


@pytest.mark.parametrize(("trial", "form"), FORMS, ids=lambda x: getattr(x, "form", ""))
def test_a_text_comes_back_out_of_every_field_as_it_went_in(trial: Protocol, form: Form) -> None:
    texts = examples(form, trial)
    for field in build_fields(fill(form, trial, **texts)):
        chosen = [choice.value for choice in field.choices if choice.is_chosen]
        if field.name in texts:
            assert field.text == texts[field.name]
            assert chosen == ([field.text] if field.choices else [])
            assert field.is_shown


def test_a_kind_of_missing_typed_into_a_key_is_drawn_as_it_was_typed() -> None:
    drawn = fields("les_fu", visit="@not_yet", lesion="L01")["visit"]
    assert (drawn.text, drawn.kinds) == ("@not_yet", ())
    chosen = [
        c.value for c in fields("eot", modality="@unknown")["modality"].choices if c.is_chosen
    ]
    assert chosen == ["@unknown"]


@pytest.mark.parametrize(("trial", "form"), FORMS, ids=lambda x: getattr(x, "form", ""))
def test_a_kind_of_missing_is_chosen_beside_every_field_that_is_no_key(
    trial: Protocol, form: Form
) -> None:
    texts = dict.fromkeys((i.name for i in form.entered_items), "@not_done")
    for field in build_fields(fill(form, trial, **texts)):
        kinds = {kind.value: kind.is_chosen for kind in field.kinds}
        if field.name in form.key or field.control is Control.DERIVED:
            assert kinds == {}
        else:
            assert kinds == {"@not_done": True, "@not_applicable": False, "@unknown": False}
            assert field.text == ""


def test_how_each_type_of_item_is_drawn() -> None:
    def drawn(type_: ItemType, *, codes: int = 0, **more: str) -> Control:
        item = Item(
            name="x", label="X", type=type_, codes={f"c{n}": f"code {n}" for n in range(codes)},
            **more,
        )  # fmt: skip
        return control_of(item, protocol=protocol())

    assert drawn(ItemType.INTEGER) is Control.NUMBER
    assert drawn(ItemType.DECIMAL) is Control.NUMBER
    assert drawn(ItemType.DATE) is Control.DATE
    assert drawn(ItemType.PARTIAL_DATE) is Control.DATE
    assert drawn(ItemType.YES_NO) is Control.RADIO
    assert drawn(ItemType.TEXT, pattern="L[0-9]{2}") is Control.TEXT
    assert drawn(ItemType.TEXT) is Control.LONG_TEXT
    assert drawn(ItemType.CODE, codes=5) is Control.RADIO
    assert drawn(ItemType.CODE, codes=6) is Control.SELECT
    assert drawn(ItemType.CODE, codes=60) is Control.SEARCH
    assert drawn(ItemType.CODE, code_list="ctcae_v5") is Control.SEARCH
    assert drawn(ItemType.DECIMAL, derived="1") is Control.DERIVED


def test_text_of_several_lines_never_stands_in_a_box_of_one() -> None:
    field = fields("dm", site="01\nSeoul")["site"]
    assert field.control is Control.LONG_TEXT
    assert field.text == "01\nSeoul"


def test_a_code_that_no_list_has_is_offered_as_it_was_written() -> None:
    field = fields("dm", sex="male?")["sex"]
    assert [(c.value, c.is_chosen) for c in field.choices][-1] == ("male?", True)
    assert field.is_refused
    assert fields("ae", record="1", serious="yes")["serious"].choices[-1].value == "yes"


def test_hints_say_form_and_range_with_unit() -> None:
    def hint(form: str, item: str) -> str:
        return build_hint(protocol().form_named(form).item_named(item))

    assert hint("rt_fx", "dose_gy") == "0.1 to 34 Gy"
    assert hint("rt_fx", "fraction") == "whole number; 1 to 10"
    assert hint("rt_fx", "fraction_date") == "YYYY-MM-DD"
    assert hint("rt_fx", "lesion") == "like L01"
    assert hint("ae", "record") == "whole number; at least 1"
    assert hint("ae", "onset_date").startswith("YYYY-MM-DD; YYYY-MM or YYYY")
    assert hint("rt_fx", "fraction_time") == ""
    assert hint("dm", "age_years") == ""


def test_soft_ranges_are_told_as_usual() -> None:
    item = Item(name="x", label="X", type=ItemType.DECIMAL, unit="kg", min=30, soft_max=120)
    assert build_hint(item) == "at least 30 kg; usually at most 120"
    both = Item(name="x", label="X", type=ItemType.DECIMAL, max=9, soft_min=2, soft_max=4)
    assert build_hint(both) == "at most 9; usually 2 to 4"
    low = Item(name="x", label="X", type=ItemType.DECIMAL, soft_min=2)
    assert build_hint(low) == "usually at least 2"


def test_an_item_that_is_not_asked_is_hidden_until_it_holds_a_value() -> None:
    assert not fields("les_fu", **FOLLOW_UP, status="absent")["mm"].is_shown
    assert fields("les_fu", **FOLLOW_UP, status="measured")["mm"].is_shown
    kept = fields("les_fu", **FOLLOW_UP, status="absent", merged_into="L02")["merged_into"]
    assert kept.is_shown
    assert [each.finding.code for each in kept.told] == [Code.NOT_APPLICABLE_ANSWERED]


def test_a_hidden_item_that_is_not_applicable_stays_hidden() -> None:
    assert not fields("les_fu", **FOLLOW_UP, status="absent", mm="@not_applicable")["mm"].is_shown


def test_a_kind_that_was_written_as_not_yet_is_offered_too() -> None:
    kinds = fields("dm", birth_year="@not_yet")["birth_year"].kinds
    assert (kinds[0].value, kinds[0].is_chosen) == ("@not_yet", True)
    assert len(fields("dm")["birth_year"].kinds) == 3


def test_required_items_that_are_empty_are_told_only_when_asked_for() -> None:
    form = protocol().form_named("dm")
    quiet = fill(form, protocol(), site="01")
    assert [t for field in build_fields(quiet) for t in field.told] == []
    assert count_missing(quiet.checked) == 2


def test_each_soft_finding_has_a_number_of_its_own() -> None:
    drawn = fields(
        "rt_fx", lesion="L01", fraction="1", fraction_date="2026-03-02", dose_gy="12", igrt="x"
    )
    numbers = [told.number for field in drawn.values() for told in field.told]
    assert len(numbers) == len(set(numbers)) > 1


def test_what_belongs_to_no_item_is_told_beside_the_form() -> None:
    filled = fill(protocol().form_named("dm"), protocol())
    assert told_beside(filled) == ()


def test_a_search_finds_every_word_and_begins_with_what_begins_so() -> None:
    term = protocol().form_named("ae").item_named("term")
    found = search_codes(term, protocol=protocol(), typed="fatig")
    assert (found[0].value, found[0].label) == ("Fatigue", "Fatigue")
    assert found[0].group.startswith("General disorders")
    assert search_codes(term, protocol=protocol(), typed="URTIC")[0].value == "Urticaria"
    words = {choice.value for choice in search_codes(term, protocol=protocol(), typed="pain chest")}
    assert {"Chest wall pain", "Non-cardiac chest pain"} <= words


def test_a_search_for_what_people_say_finds_the_term_of_the_dictionary() -> None:
    term = protocol().form_named("ae").item_named("term")
    said = search_codes(term, protocol=protocol(), typed="tiredness")
    assert "Fatigue" in {choice.value for choice in said}


def test_a_search_gives_few_and_nothing_for_nothing() -> None:
    term = protocol().form_named("ae").item_named("term")
    assert len(search_codes(term, protocol=protocol(), typed="e")) == FOUND_AT_ONCE
    assert search_codes(term, protocol=protocol(), typed="  ") == ()
    assert search_codes(term, protocol=protocol(), typed="<script>") == ()


def test_texts_are_spelled_as_people_read_them() -> None:
    form = protocol().form_named("ae")
    serious, outcome, term = (form.item_named(n) for n in ("serious", "outcome", "term"))
    assert spell_text("Y", item=serious, protocol=protocol()) == "Yes"
    assert spell_text("not_recovered", item=outcome, protocol=protocol()) == "not recovered"
    assert spell_text("Fatigue", item=term, protocol=protocol()) == "Fatigue"
    assert spell_text("@unknown", item=term, protocol=protocol()) == "unknown"
    assert spell_text("nonsense", item=outcome, protocol=protocol()) == "nonsense"


def test_a_derived_item_is_shown_with_its_value() -> None:
    typed = {f"q{n}": "Y" for n in range(1, 6)}
    derived = [f for f in fields("omd", **typed).values() if f.control is Control.DERIVED]
    assert derived
    assert all(field.is_shown and not field.kinds for field in derived)
