"""What a rule may speak of: the items within the reach of a form, a frame or the subjects."""

from collections.abc import Collection, Mapping
from functools import cache

from equipoise.protocol.endpoint_model import DERIVED_FRAMES, Anchor
from equipoise.protocol.form_model import Aggregate, AggregateFunction, Form, Grain, Item, ItemType
from equipoise.protocol.model import Protocol
from equipoise.protocol.rules import RuleItem
from equipoise.vocab.ctcae import CODE_LIST, read_ctcae

AS_OF_DATE = "as_of_date"  # today, as the caller says it: rules have no clock
CodeLists = Mapping[str, Mapping[str, str]]

# Facts of a subject that `derive` makes beside anchors, strata, subgroups and baseline variables.
SUBJECT_FACTS: dict[str, ItemType] = {
    "site": ItemType.TEXT,
    "randomised_date": ItemType.DATE,
    "cutoff_date": ItemType.DATE,
    "eligible": ItemType.YES_NO,
    "baseline_assessed": ItemType.YES_NO,
    "treatment_started_days": ItemType.INTEGER,
    "sbrt_started": ItemType.YES_NO,
    "sbrt_complete": ItemType.YES_NO,
    "min_bed10_gy": ItemType.DECIMAL,
    "non_protocol_local_therapy": ItemType.YES_NO,
    "death_date": ItemType.DATE,
    "last_alive_date": ItemType.DATE,
}


def codes_of(item: Item, *, code_lists: CodeLists) -> Mapping[str, str]:
    """The codes of an item with their labels: its own, those of its list, or the CTCAE terms."""
    if item.code_list == CODE_LIST:
        return _ctcae_codes()
    return item.codes or code_lists.get(item.code_list, {})


@cache
def _ctcae_codes() -> Mapping[str, str]:
    return {name: term.soc for name, term in read_ctcae().items()}


def companions(name: str) -> tuple[str, str]:
    """The names of the first and last day that the partial date `name` can be."""
    stem = name.removesuffix("_date")
    return f"{stem}_earliest_date", f"{stem}_latest_date"


def own_scope(form: Form, *, code_lists: CodeLists) -> dict[str, RuleItem]:
    """The items of a form by name, with partial-date companions and aggregates."""
    scope: dict[str, RuleItem] = {}
    for item in form.item:
        codes = frozenset(codes_of(item, code_lists=code_lists)) if _is_code(item) else frozenset()
        scope[item.name] = RuleItem(type=item.type, codes=codes)
        if item.type is ItemType.PARTIAL_DATE:
            scope |= dict.fromkeys(companions(item.name), RuleItem(type=ItemType.DATE))
    return scope


def aggregate_type(aggregate: Aggregate, *, source: Form) -> ItemType:
    """The type of an aggregate's value."""
    match aggregate.function:
        case AggregateFunction.COUNT | AggregateFunction.COUNT_DISTINCT:
            return ItemType.INTEGER
        case AggregateFunction.ANY:
            return ItemType.YES_NO
        case _:
            return source.item_named(aggregate.item).type


def form_scope(protocol: Protocol, *, form: Form) -> dict[str, RuleItem]:
    """Everything a rule of `form` may name: own items, reachable items of other forms, today."""
    scope = _with_aggregates(protocol, form)
    for other in protocol.form:
        if _is_reached(other, form):
            reached = _with_aggregates(protocol, other)
            scope |= {f"{other.form}__{name}": item for name, item in reached.items()}
    return scope | {AS_OF_DATE: RuleItem(type=ItemType.DATE)}


def types_within(names: Collection[str], *, form: Form, protocol: Protocol) -> dict[str, RuleItem]:
    """The types of these names within a rule of `form`, as `form_scope` tells them.

    For rules that were checked: without the codes, that take long to gather. KeyError for a name
    that is none.
    """
    types: dict[str, ItemType] = {}
    for name in names:
        other, separator, item = name.partition("__")
        if separator:
            types[name] = _type_within(item, form=protocol.form_named(other), protocol=protocol)
        else:
            types[name] = _type_within(name, form=form, protocol=protocol)
    return {name: RuleItem(type=kind) for name, kind in types.items()}


def _type_within(name: str, *, form: Form, protocol: Protocol) -> ItemType:
    if name == AS_OF_DATE:
        return ItemType.DATE
    for aggregate in form.aggregate:
        if aggregate.name == name:
            return aggregate_type(aggregate, source=protocol.form_named(aggregate.form))
    for item in form.item:
        if item.type is ItemType.PARTIAL_DATE and name in companions(item.name):
            return ItemType.DATE
    return form.item_named(name).type


def _is_reached(other: Form, form: Form) -> bool:
    """Whether an entry of `form` has one entry of `other` that it can look at.

    Events are numbered form by form: the third adverse event has nothing to do with the third
    surgery, though both are a `record`.
    """
    if other.form == form.form or (other.grain is Grain.EVENT and other.key):
        return False
    return set(other.key) <= set(form.key)


def frame_scope(protocol: Protocol, *, frame: str) -> dict[str, RuleItem] | None:
    """The columns of a form or derived frame that an endpoint source may name; None if unknown."""
    if frame in DERIVED_FRAMES:
        columns = DERIVED_FRAMES[frame].items()
        return {name: RuleItem(type=ItemType(kind)) for name, kind in columns}
    forms = [form for form in protocol.form if form.form == frame]
    return _with_aggregates(protocol, forms[0]) if forms else None


def subject_scope(protocol: Protocol) -> dict[str, RuleItem]:
    """The columns of the derived subjects, and the arms, that a population may name."""
    arms = frozenset(arm.code for arm in protocol.arm)
    scope = {name: RuleItem(type=kind) for name, kind in SUBJECT_FACTS.items()}
    scope |= {f"{a.id}_date": RuleItem(type=ItemType.DATE) for a in _subject_anchors(protocol)}
    factors = {
        stratum.name: {level.value for level in stratum.level} for stratum in protocol.stratum
    }
    factors |= {group.id: {level.value for level in group.level} for group in protocol.subgroup}
    for name, levels in factors.items():
        scope[name] = RuleItem(type=ItemType.CODE, codes=frozenset(levels))
    for name in ("allocated_arm", "treated_arm"):
        scope[name] = RuleItem(type=ItemType.CODE, codes=arms)
    return scope


def _subject_anchors(protocol: Protocol) -> list[Anchor]:
    return [anchor for anchor in protocol.anchor if not anchor.by_lesion]


def _with_aggregates(protocol: Protocol, form: Form) -> dict[str, RuleItem]:
    scope = own_scope(form, code_lists=protocol.code_list)
    sources = {other.form: other for other in protocol.form}
    for aggregate in form.aggregate:
        source = sources.get(aggregate.form)
        if source is not None and _has_item(source, aggregate):
            scope[aggregate.name] = RuleItem(type=aggregate_type(aggregate, source=source))
    return scope


def _has_item(source: Form, aggregate: Aggregate) -> bool:
    return not aggregate.item or aggregate.item in {item.name for item in source.item}


def _is_code(item: Item) -> bool:
    return item.type is ItemType.CODE
