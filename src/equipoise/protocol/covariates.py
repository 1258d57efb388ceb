"""What an analysis may be adjusted for: facts of a subject known when it was randomised."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from equipoise.protocol.endpoint_model import Subgroup
from equipoise.protocol.form_model import ItemType
from equipoise.protocol.model import BaselineVariable, Protocol, Stratum
from equipoise.protocol.scope import codes_of, frame_scope

_NUMBERS = (ItemType.INTEGER, ItemType.DECIMAL)
_YES_NO = {"false": "no", "true": "yes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """A column of the derived subjects with its label and levels; without levels it is a number."""

    name: str
    label: str
    levels: Mapping[str, str]


def covariate_scope(
    protocol: Protocol, *, names: Collection[str] | None = None
) -> dict[str, Covariate]:
    """Strata, subgroups, and baseline variables (`form__item`) with levels or numbers, by name.

    With `names` only the baseline variables among them: each takes a while to look up.
    """
    factors: list[Stratum | Subgroup] = [*protocol.stratum, *protocol.subgroup]
    found: dict[str, Covariate] = {}
    for factor in factors:
        name = factor.name if isinstance(factor, Stratum) else factor.id
        levels = {level.value: level.label for level in factor.level}
        found.setdefault(name, Covariate(name=name, label=factor.label, levels=levels))
    for variable in protocol.baseline:
        if names is not None and f"{variable.form}__{variable.item}" not in names:
            continue
        covariate = _of_baseline(protocol, variable)
        if covariate is not None:
            found[covariate.name] = covariate
    return found


def _of_baseline(protocol: Protocol, variable: BaselineVariable) -> Covariate | None:
    """The covariate of a row of the baseline table; None for a date, a text or an unknown item."""
    items = frame_scope(protocol, frame=variable.form) or {}
    kind = items[variable.item].type if variable.item in items else ItemType.TEXT
    name = f"{variable.form}__{variable.item}"
    forms = [form for form in protocol.form if form.form == variable.form]
    asked = [item for form in forms for item in form.item if item.name == variable.item]
    summed = [each for form in forms for each in form.aggregate if each.name == variable.item]
    labels = [variable.label, *(each.label for each in asked), *(each.label for each in summed)]
    label = next((words for words in labels if words), variable.item)
    if kind in _NUMBERS:
        return Covariate(name=name, label=label, levels={})
    if kind is ItemType.YES_NO:
        return Covariate(name=name, label=label, levels=_YES_NO)
    if kind is ItemType.CODE and asked:
        return Covariate(
            name=name, label=label, levels=codes_of(asked[0], code_lists=protocol.code_list)
        )
    return None
