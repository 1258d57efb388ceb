"""Named tests by rank: the log-rank test, weighted, of many arms, or the largest of several."""

from typing import Literal, Self

import numpy as np
from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from equipoise.protocol.form_model import Frozen
from equipoise.protocol.methods.spec import BOTH, Compared, MethodOptions, MethodSpec, OwnSide, Use

_MOST_DIMENSIONS = 3


class FlemingHarringtonWeight(Frozen):
    """Weight S^rho (1 - S)^gamma at survival S just before the event."""

    rho: float = Field(default=0.0, ge=0)
    gamma: float = Field(default=0.0, ge=0)


class LogrankOptions(Compared):
    """Whether the test is followed by a ratio."""

    ratio: Literal["none", "one_step"] = Field(
        default="none",
        description="whether Peto's one-step hazard ratio stands beside the test (near 1 it is "
        "Cox's)",
    )


class FlemingHarringtonOptions(Compared):
    """Whether early or late differences count more."""

    rho: float = Field(default=0.0, ge=0, description="above 0 early differences count more")
    gamma: float = Field(default=1.0, ge=0, description="above 0 late differences count more")


class TaroneWareOptions(Compared):
    """How much the number at risk counts."""

    power: float = Field(
        default=0.5, description="of the number at risk: 0.5 Tarone-Ware, 1 Gehan's Wilcoxon"
    )


class PetoPetoOptions(Compared):
    """Which version of the weights."""

    version: Literal["peto", "modified", "prentice"] = Field(
        default="peto", description="Peto's, modified by Andersen et al. (1982), or Prentice's"
    )


class ModestOptions(Compared):
    """Until when the weights rise."""

    t_star_months: float | None = Field(
        default=None, gt=0, description="weights rise until then; none: to the end"
    )
    largest_weight: float | None = Field(
        default=None, ge=1, description="no weight is larger; none: no limit"
    )


class PiecewiseOptions(Compared):
    """The weight of each stretch of time."""

    cuts_months: tuple[float, ...] = Field(
        default=(3.0,), min_length=1, description="where one weight ends and the next begins"
    )
    weights: tuple[float, ...] = Field(
        default=(0.0, 1.0), description="one more than cuts, each 0 or more"
    )

    @model_validator(mode="after")
    def _a_weight_a_stretch(self) -> Self:
        rising = all(a < b for a, b in zip(self.cuts_months, self.cuts_months[1:], strict=False))
        sound = all(0 <= weight < float("inf") for weight in self.weights)
        if not (rising and sound and self.cuts_months[0] > 0 and any(self.weights)):
            raise PydanticCustomError(
                "weights_do_not_fit", "cuts rise from above 0, weights are 0 or more, not all 0"
            )
        if len(self.weights) != len(self.cuts_months) + 1:
            raise PydanticCustomError(
                "weights_do_not_fit", "there is one weight more than there are cuts"
            )
        return self


class MaxComboOptions(OwnSide):
    """Of which weighted tests the largest is taken."""

    weights: tuple[FlemingHarringtonWeight, ...] = Field(
        default=(
            FlemingHarringtonWeight(rho=0, gamma=0),
            FlemingHarringtonWeight(rho=0, gamma=1),
            FlemingHarringtonWeight(rho=1, gamma=0),
            FlemingHarringtonWeight(rho=1, gamma=1),
        ),
        min_length=2,
        description="the weights of Fleming and Harrington of each test; at most three that do "
        "not follow from each other",
    )

    @field_validator("weights")
    @classmethod
    def _can_be_taken_together(
        cls, weights: tuple[FlemingHarringtonWeight, ...]
    ) -> tuple[FlemingHarringtonWeight, ...]:
        pairs = [(each.rho, each.gamma) for each in weights]
        if len(set(pairs)) < len(pairs):
            raise PydanticCustomError("weights_twice", "a weight stands twice")
        survival = np.linspace(0.02, 0.98, 49)
        table = np.array([survival**rho * (1 - survival) ** gamma for rho, gamma in pairs])
        if np.linalg.matrix_rank(table, tol=1e-8) > _MOST_DIMENSIONS:
            raise PydanticCustomError(
                "too_many_weights",
                "more than three of the weights do not follow from the others: leave some out",
            )
        return weights


class TrendOptions(MethodOptions):
    """The doses that the arms stand for."""

    scores: tuple[float, ...] = Field(
        default=(), description="one an arm, the reference first; none: 0, 1, 2 and so on"
    )


METHODS = (
    MethodSpec(
        name="logrank",
        title="Log-rank test",
        source="Mantel 1966; Peto, Peto 1972",
        options=LogrankOptions,
        grains=BOTH,
        times=Use.IGNORED,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="fleming_harrington",
        title="Fleming-Harrington test",
        source="Fleming, Harrington 1991",
        options=FlemingHarringtonOptions,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="tarone_ware",
        title="Tarone-Ware test",
        source="Tarone, Ware 1977; Gehan 1965",
        options=TaroneWareOptions,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="peto_peto",
        title="Peto-Peto test",
        source="Peto, Peto 1972; Prentice 1978",
        options=PetoPetoOptions,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="modestly_weighted",
        title="Modestly weighted log-rank test",
        source="Magirr, Burman 2019",
        options=ModestOptions,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="piecewise_logrank",
        title="Log-rank test weighted by time",
        source="Xu et al. 2017",
        options=PiecewiseOptions,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="maxcombo",
        title="MaxCombo test",
        source="Karrison 2016; Lin et al. 2020",
        options=MaxComboOptions,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="logrank_all_arms",
        title="Log-rank test of all arms",
        source="Mantel 1966; Peto, Peto 1972",
        strata=Use.MAY,
        whole=True,
    ),
    MethodSpec(
        name="logrank_trend",
        title="Log-rank test for trend",
        source="Tarone 1975",
        options=TrendOptions,
        strata=Use.MAY,
        whole=True,
        least_arms=3,
    ),
)
