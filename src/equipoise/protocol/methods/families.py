"""The named analyses by the name that a plan gives them: a new one is an entry of its family."""

from collections.abc import Mapping

from equipoise.protocol.methods import (
    competing,
    hazards,
    intervals,
    models,
    proportions,
    ranks,
    rates,
    readings,
    sensitivity,
    survival,
)
from equipoise.protocol.methods.spec import MethodSpec

_FAMILIES = (
    survival,
    competing,
    proportions,
    rates,
    ranks,
    hazards,
    models,
    intervals,
    readings,
    sensitivity,
)

METHODS: Mapping[str, MethodSpec] = {
    spec.name: spec for family in _FAMILIES for spec in family.METHODS
}
