"""The randomisation of a trial, as a frozen value: its scheme, and the settings of that scheme."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import (
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_serializer,
)
from pydantic_core import PydanticCustomError

from equipoise.protocol.form_model import Frozen
from equipoise.protocol.scenario_model import Provenances

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "permuted_blocks": ("block_sizes",),
    "minimisation": ("imbalance", "preferred_chance", "factor_weight"),
    "simple": (),
    "big_stick": ("max_imbalance",),
    "block_urn": ("urn_sets",),
}
"""The settings of each scheme. None has a default, but a factor without a weight weighs 1."""

KEPT_FROM_SITES = frozenset({"block_sizes", "max_imbalance", "urn_sets", "preferred_chance"})
"""Settings that help to predict an arm: no page or report shows them (ICH E9, 2.3.2)."""

_MAY_BE_LEFT_OUT = "factor_weight"


class Randomisation(Frozen):
    """How subjects are allocated; the arm itself is no form item.

    A scheme needs its own settings, and no other's may stand beside them: see `SETTINGS`.
    """

    scheme: Literal["permuted_blocks", "minimisation", "simple", "big_stick", "block_urn"]
    planned_subjects: int = Field(gt=0)
    ratio: dict[str, int]
    block_sizes: tuple[int, ...] = Field(default=(), min_length=1, validate_default=True)
    max_imbalance: int | None = Field(default=None, ge=1, validate_default=True)
    urn_sets: int | None = Field(default=None, ge=1, validate_default=True)
    imbalance: Literal["range", "variance", "max_distance"] | None = Field(
        default=None, validate_default=True
    )
    preferred_chance: float | None = Field(default=None, gt=0, le=1, validate_default=True)
    factor_weight: dict[str, int] | None = None
    form: str
    date_item: str
    masking: str
    provenance: Provenances

    @field_validator(*(key for keys in SETTINGS.values() for key in keys), mode="wrap")
    @classmethod
    def _fits_the_scheme(
        cls, value: Any, validate: ValidatorFunctionWrapHandler, info: ValidationInfo
    ) -> Any:
        """The setting, if the scheme has it; what is not said is refused where it must be said."""
        said = value not in (None, ())
        scheme = info.data.get("scheme")  # missing: refused already
        own = scheme is None or info.field_name in SETTINGS[scheme]
        if said and not own:
            raise PydanticCustomError(
                "setting_of_another_scheme",
                "the scheme '{scheme}' has no such setting",
                {"scheme": scheme},
            )
        if not said and own and scheme and info.field_name != _MAY_BE_LEFT_OUT:
            raise PydanticCustomError("missing", "a key is missing")
        return validate(value) if said else value

    @model_serializer(mode="wrap")
    def _dump_what_is_said(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """So that a setting new to the program changes the fingerprint of no older protocol."""
        return {name: value for name, value in dump(self).items() if value not in (None, (), [])}
