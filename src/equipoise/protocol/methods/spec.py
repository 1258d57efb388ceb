"""What a named analysis is called, what it needs of an endpoint, and which options it has."""

from dataclasses import dataclass
from enum import Enum
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from equipoise.protocol.form_model import Frozen

Kind = Literal["time_to_event", "occurrence"]
Grain = Literal["subject", "lesion"]
BOTH: tuple[Grain, ...] = ("subject", "lesion")


class Use(Enum):
    """What a method does with something that a plan may say.

    `IGNORED` is accepted for the sake of older plans: the result says that nothing came of it.
    """

    NEVER = "never"
    IGNORED = "ignored"
    MAY = "may"
    MUST = "must"


class MethodOptions(Frozen):
    """The options of a method, each with a default; a method without any has these."""


class OwnSide(MethodOptions):
    """The side of a comparison whose one-sided p is not half the two-sided one."""

    alternative: Literal["two-sided", "less", "greater"] = Field(
        default="two-sided",
        description="what the test is to show: the measure of the other arm is less or greater",
    )


class Compared(MethodOptions):
    """The side of a comparison: of the other arm against the reference."""

    alternative: Literal["two-sided", "less", "greater"] = Field(
        default="two-sided",
        description="what the test is to show: the measure of the other arm is less or greater",
    )


class WithMargin(Compared):
    """A comparison that may be held against a margin of non-inferiority or superiority."""

    margin: float | None = Field(
        default=None,
        description="what the measure is compared with instead of no difference; for one side",
    )

    @model_validator(mode="after")
    def _margin_has_a_side(self) -> Self:
        if self.margin is not None and self.alternative == "two-sided":
            raise PydanticCustomError(
                "margin_without_side", "a margin needs alternative = 'less' or 'greater'"
            )
        return self


class WithMarginOfRatio(WithMargin):
    """The same where the measure is a ratio, which no difference leaves at 1."""

    margin: float | None = Field(
        default=None,
        gt=0,
        description="the ratio that is compared with instead of 1; for one side",
    )


class SecondEndpoint(MethodOptions):
    """Another time of the same patients, read beside that of the endpoint."""

    second_endpoint: str = Field(
        default="", description="the other endpoint, counted from the same origin"
    )
    second_convention: str = Field(
        default="", description="the convention by which it is read, where it has any"
    )


class Second(Enum):
    """Which second endpoint a method needs.

    A `READING` is any other of the same patients and origin; an `END` is one whose events are
    among those of the endpoint or compete with them, as death among those of progression or death.
    """

    NONE = "none"
    READING = "reading"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSpec:
    """A named analysis as a plan may ask for it.

    `title` names it in tables; `kinds` and `grains` are those of the endpoints it fits; `times`,
    `strata` and `covariates` say what becomes of `at_months`, `stratified` and `covariates`.
    `competing` needs a competing event, `intervals` times seen at assessments only, `replay` the
    scheme by which the arms were drawn, `switch` an intercurrent event named in the options,
    `second` another endpoint named there. A method takes `whole` trials of any number of arms, or
    two arms, each other one against the reference.
    """

    name: str
    title: str
    source: str
    options: type[MethodOptions] = MethodOptions
    kinds: tuple[Kind, ...] = ("time_to_event",)
    grains: tuple[Grain, ...] = ("subject",)
    times: Use = Use.NEVER
    strata: Use = Use.NEVER
    covariates: Use = Use.NEVER
    competing: bool = False
    intervals: bool = False
    replay: bool = False
    switch: bool = False
    second: Second = Second.NONE
    whole: bool = False
    least_arms: int = 1
    tests: bool = True
