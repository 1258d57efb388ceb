"""Cross-checks: whether the parts of a protocol fit each other; every problem is told."""

from collections.abc import Iterator, Sequence

from equipoise.protocol.check_endpoints import (
    FILE,
    check_anchors,
    check_endpoints,
    check_populations,
)
from equipoise.protocol.check_forms import check_form, check_form_cycles
from equipoise.protocol.check_multiplicity import check_multiplicity
from equipoise.protocol.check_plan import check_plan
from equipoise.protocol.check_randomisation import check_randomisation
from equipoise.protocol.check_toxicity import check_special_interest
from equipoise.protocol.endpoint_model import Subgroup
from equipoise.protocol.form_model import Form, ItemType
from equipoise.protocol.model import Protocol, Stratum, Visit
from equipoise.protocol.problems import check_known, check_text_rule, check_unique, problem
from equipoise.protocol.rules import check_rule
from equipoise.protocol.scope import codes_of, form_scope, own_scope
from equipoise.vocab.finding import Finding


def check_protocol(protocol: Protocol, *, places: Sequence[str]) -> tuple[Finding, ...]:
    """Every problem between the parts of `protocol`; `places[i]` is the file of `form[i]`."""
    files = {form.form: place for form, place in zip(protocol.form, places, strict=True)}
    found: list[Finding] = [
        *check_unique("forms", kind="form", names=[form.form for form in protocol.form]),
        *_check_arms(protocol),
        *check_randomisation(protocol),
        *_check_schedule(protocol, files=files),
        *_check_factors(protocol),
        *_check_eligibility(protocol),
    ]
    for form, place in zip(protocol.form, places, strict=True):
        found += check_form(protocol, form=form, file=place)
    found += check_form_cycles(protocol, files=files)
    found += [*check_anchors(protocol), *check_populations(protocol)]
    found += [*check_endpoints(protocol), *check_plan(protocol), *_check_cuts(protocol)]
    found += check_multiplicity(protocol)
    found += check_special_interest(protocol)
    return tuple(found)


def _check_arms(protocol: Protocol) -> Iterator[Finding]:
    codes = [arm.code for arm in protocol.arm]
    yield from check_unique(f"{FILE}: arm", kind="arm", names=codes)
    if [arm.role for arm in protocol.arm].count("reference") != 1:
        yield problem(
            f"{FILE}: arm",
            code="reference-arm",
            message="expected exactly one reference arm",
            mend="Give one arm the role 'reference'.",
        )


def _check_schedule(protocol: Protocol, *, files: dict[str, str]) -> Iterator[Finding]:
    forms = list(files)
    visits = protocol.schedule.visit
    yield from check_unique(
        f"{FILE}: schedule.visit", kind="visit", names=[visit.code for visit in visits]
    )
    scheduled = set(protocol.schedule.anytime)
    for name in protocol.schedule.anytime:
        yield from check_known(f"{FILE}: schedule.anytime", kind="form", name=name, known=forms)
    for name in protocol.schedule.until_progression:
        place = f"{FILE}: schedule.until_progression"
        yield from check_known(place, kind="form", name=name, known=forms)
    for visit in visits:
        place = f"{FILE}: schedule.visit[{visit.code}]"
        scheduled |= set(visit.form)
        for name in visit.form:
            yield from check_known(f"{place}.form", kind="form", name=name, known=forms)
        for code in visit.arm:
            arms = [arm.code for arm in protocol.arm]
            yield from check_known(f"{place}.arm", kind="arm", name=code, known=arms)
        yield from _check_origin(protocol, visit, place=f"{place}.origin")
    for form, file in files.items():
        if form not in scheduled:
            yield problem(
                file,
                code="form-unreachable",
                message=f"the form '{form}' is never scheduled: none of its items can be entered",
                found=form,
                mend="Name it at a visit or in schedule.anytime.",
            )


def _check_origin(protocol: Protocol, visit: Visit, *, place: str) -> Iterator[Finding]:
    """A visit with an origin of its own: a known date of the subject, and no scheduled scan."""
    if not visit.origin:
        return
    known = [anchor.id for anchor in protocol.anchor if not anchor.by_lesion]
    yield from check_known(place, kind="anchor", name=visit.origin, known=known)
    if visit.imaging:
        yield problem(
            place,
            code="imaging-from-another-origin",
            message="scans are scheduled from one origin in every arm",
            found=visit.origin,
            mend="Leave out the origin, or `imaging`.",
        )


def _check_factors(protocol: Protocol) -> Iterator[Finding]:
    forms = {form.form: form for form in protocol.form}
    for stratum in protocol.stratum:
        place = f"{FILE}: stratum[{stratum.name}]"
        yield from _check_levels(protocol, stratum, place=place, forms=forms)
    for subgroup in protocol.subgroup:
        place = f"{FILE}: subgroup[{subgroup.id}]"
        yield from _check_levels(protocol, subgroup, place=place, forms=forms)
    for number, variable in enumerate(protocol.baseline):
        place = f"{FILE}: baseline[{number}]"
        yield from _check_item(protocol, variable.form, variable.item, place=place)
    yield from _check_item(
        protocol,
        protocol.randomisation.form,
        protocol.randomisation.date_item,
        place=f"{FILE}: randomisation",
    )


def _check_levels(
    protocol: Protocol, factor: Stratum | Subgroup, *, place: str, forms: dict[str, Form]
) -> Iterator[Finding]:
    missing = list(_check_item(protocol, factor.form, factor.item, place=place))
    yield from missing
    if missing:
        return
    item = forms[factor.form].item_named(factor.item)
    if item.type is not ItemType.CODE:
        yield problem(
            f"{place}.item",
            code="not-a-code",
            message=f"'{factor.item}' is no code item",
            found=item.type.value,
            mend="Name a code item.",
        )
        return
    for level in factor.level:
        codes = codes_of(item, code_lists=protocol.code_list)
        yield from check_known(f"{place}.level", kind="code", name=level.value, known=codes)


def _check_item(protocol: Protocol, form: str, item: str, *, place: str) -> Iterator[Finding]:
    forms = {each.form: each for each in protocol.form}
    yield from check_known(f"{place}.form", kind="form", name=form, known=forms)
    if form in forms:
        names = own_scope(forms[form], code_lists=protocol.code_list)
        known = [*names, *(aggregate.name for aggregate in forms[form].aggregate)]
        yield from check_known(f"{place}.item", kind="item", name=item, known=known)


def _check_eligibility(protocol: Protocol) -> Iterator[Finding]:
    names = [criterion.id for criterion in protocol.criterion]
    yield from check_unique(f"{FILE}: criterion", kind="criterion", names=names)
    forms = {form.form: form for form in protocol.form}
    form = forms.get(protocol.randomisation.form)
    if form is None:
        return
    scope = form_scope(protocol, form=form)
    scope |= {f"{form.form}__{name}": item for name, item in scope.items() if "__" not in name}
    for criterion in protocol.criterion:
        complaints = check_rule(criterion.met_when, scope=scope)
        place = f"{FILE}: criterion[{criterion.id}].met_when"
        yield from check_text_rule(place, rule=criterion.met_when, complaints=complaints)


def _check_cuts(protocol: Protocol) -> Iterator[Finding]:
    names = [cut.id for cut in protocol.cut]
    yield from check_unique(f"{FILE}: cut", kind="data cut", names=names)
    endpoints = [endpoint.id for endpoint in protocol.endpoint]
    for cut in protocol.cut:
        for name in cut.endpoint:
            place = f"{FILE}: cut[{cut.id}].endpoint"
            yield from check_known(place, kind="endpoint", name=name, known=endpoints)
    scenarios = [scenario.name for scenario in protocol.scenario]
    yield from check_unique(f"{FILE}: scenario", kind="scenario", names=scenarios)
