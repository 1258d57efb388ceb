"""Cross-checks of the forms: keys, types, codes, ranges, rules, reach."""

import itertools
import re
from collections.abc import Iterator

import polars as pl

from equipoise.protocol.form_model import Aggregate, AggregateFunction, Form, Item, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.problems import check_known, check_text_rule, check_unique, problem
from equipoise.protocol.rules import (
    POLARS_TYPES,
    Scope,
    check_rule,
    compile_rule,
    items_of,
    texts_given,
)
from equipoise.protocol.scope import AS_OF_DATE, codes_of, form_scope, own_scope
from equipoise.vocab.ctcae import CODE_LIST
from equipoise.vocab.finding import Finding

_MOST_COMBINATIONS = 5000


def check_form(protocol: Protocol, *, form: Form, file: str) -> Iterator[Finding]:
    """Every problem of one form."""
    scope = form_scope(protocol, form=form)
    names = [item.name for item in form.item]
    yield from check_unique(f"{file}: item", kind="item", names=_all_names(form))
    yield from check_unique(f"{file}: check", kind="check", names=[c.id for c in form.check])
    yield from _check_key(form, file=file)
    yield from _check_renamed(form, file=file)
    arms = [arm.code for arm in protocol.arm]
    for code in form.arm:
        yield from check_known(f"{file}: arm", kind="arm", name=code, known=arms)
    if form.arm and not form.reveals_arm:
        yield problem(
            f"{file}: arm",
            code="arm-not-hidden",
            message="only some arms have this form, so that it reveals the arm",
            found=", ".join(form.arm),
            mend="Add `reveals_arm = true`, or leave out `arm`.",
        )
    for item in form.item:
        place = f"{file}: item[{item.name}]"
        yield from _check_item(protocol, form, item, place=place)
        yield from _check_item_rules(item, place=place, scope=scope)
        yield from _check_codes_given(protocol, item, place=place)
    for aggregate in form.aggregate:
        yield from _check_aggregate(protocol, form, aggregate, file=file)
    for check in form.check:
        place = f"{file}: check[{check.id}]"
        complaints = check_rule(check.refuse_when, scope=scope)
        yield from check_text_rule(
            f"{place}.refuse_when", rule=check.refuse_when, complaints=complaints
        )
        if check.item:
            yield from check_known(f"{place}.item", kind="item", name=check.item, known=names)
    yield from _check_reach(form, file=file, scope=own_scope(form, code_lists=protocol.code_list))


def _check_renamed(form: Form, *, file: str) -> Iterator[Finding]:
    """A problem for a former name that is still that of an item, or is taken over twice."""
    former = [item.renamed_from for item in form.item if item.renamed_from]
    yield from check_unique(f"{file}: item.renamed_from", kind="former name", names=former)
    for item in form.item:
        if item.renamed_from in {each.name for each in form.item}:
            yield problem(
                f"{file}: item[{item.name}].renamed_from",
                code="renamed-and-still-there",
                message=f"'{item.renamed_from}' is said to be renamed, and is still an item",
                found=item.renamed_from,
                mend="Take one of them out.",
            )


def check_form_cycles(protocol: Protocol, *, files: dict[str, str]) -> Iterator[Finding]:
    """A problem for each derived item that depends on itself."""
    needs = derived_needs(protocol)
    state: dict[tuple[str, str], int] = {}

    def is_cyclic(node: tuple[str, str]) -> bool:
        if state.get(node) == 1:
            return True
        if state.get(node) == 2:
            return False
        state[node] = 1
        cyclic = any(is_cyclic(need) for need in sorted(needs.get(node, ())))
        state[node] = 2
        return cyclic

    for form, item in needs:
        if is_cyclic((form, item)):
            yield problem(
                f"{files[form]}: item[{item}].derived",
                code="derived-in-a-circle",
                message=f"the item '{item}' is derived from itself",
                mend="Break the circle.",
            )


def derived_needs(protocol: Protocol) -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    """What each derived item and aggregate needs: (form, name) -> the (form, name) it reads."""
    needs: dict[tuple[str, str], frozenset[tuple[str, str]]] = {}
    for form in protocol.form:
        for item in form.derived_items:
            reads = (_place_of(name, form) for name in items_of(item.derived))
            needs[form.form, item.name] = frozenset(reads)
        for aggregate in form.aggregate:
            read = items_of(aggregate.where) | {aggregate.item, *aggregate.by} - {""}
            grouped = {(form.form, name) for name in aggregate.by}  # the keys on this side too
            needs[form.form, aggregate.name] = frozenset(
                {(aggregate.form, name) for name in read} | grouped
            )
    return needs


def _place_of(name: str, form: Form) -> tuple[str, str]:
    other, separator, item = name.partition("__")
    return (other, item) if separator else (form.form, name)


def _all_names(form: Form) -> list[str]:
    return [item.name for item in form.item] + [aggregate.name for aggregate in form.aggregate]


def _check_key(form: Form, *, file: str) -> Iterator[Finding]:
    names = {item.name: item for item in form.item}
    for key in form.key:
        yield from check_known(f"{file}: key", kind="item", name=key, known=names)
        if key in names and not names[key].required:
            yield problem(
                f"{file}: item[{key}].required",
                code="key-not-required",
                message=f"the key item '{key}' is not required",
                mend="Write required = true.",
            )
    if form.date_item:
        yield from check_known(f"{file}: date_item", kind="item", name=form.date_item, known=names)
        item = names.get(form.date_item)
        if item is not None and item.type not in (ItemType.DATE, ItemType.PARTIAL_DATE):
            yield problem(
                f"{file}: date_item",
                code="not-a-date",
                message=f"the item '{form.date_item}' is no date",
                found=item.type.value,
                mend="Name a date item.",
            )


def _check_item(protocol: Protocol, form: Form, item: Item, *, place: str) -> Iterator[Finding]:
    if item.code_list and item.code_list != CODE_LIST:
        yield from check_known(
            f"{place}.code_list", kind="code list", name=item.code_list, known=protocol.code_list
        )
    elif item.type is ItemType.CODE and not codes_of(item, code_lists=protocol.code_list):
        yield problem(
            place, code="codes-missing", message="a code item without codes", mend="Add codes."
        )
    yield from _check_ranges(item, place=place)
    if item.graded_by:
        names = [other.name for other in form.item if other.code_list == CODE_LIST]
        yield from check_known(
            f"{place}.graded_by", kind="CTCAE item", name=item.graded_by, known=names
        )
    if item.name in (AS_OF_DATE, "subject", "replicate", "entry", "missing") or "__" in item.name:
        yield problem(
            place,
            code="name-reserved",
            message=f"the name '{item.name}' is reserved",
            mend="Take another name.",
        )
    try:
        re.compile(item.pattern)
    except re.error as error:
        yield problem(
            f"{place}.pattern",
            code="pattern-refused",
            message=f"no regular expression: {error}",
            found=item.pattern,
            mend="Mend the pattern.",
        )


def _check_ranges(item: Item, *, place: str) -> Iterator[Finding]:
    order = [item.min, item.soft_min, item.soft_max, item.max]
    given = [bound for bound in order if bound is not None]
    if given != sorted(given):
        yield problem(
            place,
            code="ranges-crossed",
            message="the ranges do not fit in each other (min <= soft_min <= soft_max <= max)",
            found=str(given),
            mend="Put the bounds in order.",
        )
    if given and item.type not in (ItemType.INTEGER, ItemType.DECIMAL):
        yield problem(
            place,
            code="range-of-no-number",
            message="a range of an item that is no number",
            found=item.type.value,
            mend="Remove the range.",
        )


def _check_item_rules(item: Item, *, place: str, scope: Scope) -> Iterator[Finding]:
    if item.show_if:
        complaints = check_rule(item.show_if, scope=scope)
        yield from check_text_rule(f"{place}.show_if", rule=item.show_if, complaints=complaints)
    if item.derived:
        complaints = check_rule(item.derived, scope=scope, expects=item.type)
        yield from check_text_rule(f"{place}.derived", rule=item.derived, complaints=complaints)
        if item.required or item.show_if:
            yield problem(
                place,
                code="derived-and-asked",
                message="a derived item is neither required nor shown by a rule",
                mend="Remove required and show_if.",
            )


def _check_codes_given(protocol: Protocol, item: Item, *, place: str) -> Iterator[Finding]:
    """A problem for each text that a derived code item may give outside its own codes."""
    if item.derived and item.type is ItemType.CODE:
        codes = codes_of(item, code_lists=protocol.code_list)
        for text in sorted(texts_given(item.derived)):
            yield from check_known(f"{place}.derived", kind="code", name=text, known=codes)


def _check_aggregate(
    protocol: Protocol, form: Form, aggregate: Aggregate, *, file: str
) -> Iterator[Finding]:
    place = f"{file}: aggregate[{aggregate.name}]"
    sources = {other.form: other for other in protocol.form}
    yield from check_known(f"{place}.form", kind="form", name=aggregate.form, known=sources)
    source = sources.get(aggregate.form)
    if source is None:
        return
    scope = own_scope(source, code_lists=protocol.code_list)
    if aggregate.item or aggregate.function is not AggregateFunction.COUNT:
        yield from check_known(f"{place}.item", kind="item", name=aggregate.item, known=scope)
    if aggregate.where:
        complaints = check_rule(aggregate.where, scope=scope)
        yield from check_text_rule(f"{place}.where", rule=aggregate.where, complaints=complaints)
    for name in aggregate.by:
        yield from check_known(f"{place}.by", kind="item", name=name, known=scope)
        if aggregate.form != form.form:  # within a form, any item may group its entries
            yield from check_known(f"{place}.by", kind="key item", name=name, known=form.key)


def _check_reach(form: Form, *, file: str, scope: Scope) -> Iterator[Finding]:
    """A problem for each item that no answer to the items before it would ever show."""
    earlier: set[str] = set()
    for item in form.entered_items:
        used = items_of(item.show_if) if item.show_if else frozenset()
        own = {name for name in used if name in scope}
        if own - earlier or not _can_be_true(item.show_if, used, scope):
            yield problem(
                f"{file}: item[{item.name}].show_if",
                code="item-unreachable",
                message=f"the item '{item.name}' can never be shown after the items before it",
                found=item.show_if,
                mend="Mend the rule, or move the item after those that its rule names.",
            )
        earlier |= {item.name}


def _can_be_true(rule: str, used: frozenset[str], scope: Scope) -> bool:
    """Whether some combination of answers makes `rule` true; True where that cannot be tried."""
    if not rule or any(_choices(name, scope) is None for name in used):
        return True
    names = sorted(used)
    choices = [_choices(name, scope) or [] for name in names]
    combinations = list(itertools.islice(itertools.product(*choices), _MOST_COMBINATIONS + 1))
    if len(combinations) > _MOST_COMBINATIONS or check_rule(rule, scope=scope):
        return True
    schema = {name: POLARS_TYPES[scope[name].type] for name in names}
    tried = pl.DataFrame(combinations, schema=schema, orient="row")
    return bool(tried.select(compile_rule(rule, scope=scope).alias("met"))["met"].any())


def _choices(name: str, scope: Scope) -> list[object] | None:
    item = scope.get(name)
    if item is not None and item.type is ItemType.YES_NO:
        return [True, False, None]
    if item is not None and item.type is ItemType.CODE:
        return [*sorted(item.codes), None]
    return None
