"""Named analyses by models of the time itself: parametric, by splines, and with a frailty."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from equipoise.protocol.methods.spec import BOTH, MethodSpec, Use, WithMargin, WithMarginOfRatio


class ParametricOptions(WithMarginOfRatio):
    """Which law the time has, and what is compared."""

    family: Literal["weibull", "exponential", "log-normal", "log-logistic"] = Field(
        default="weibull", description="the law of the time"
    )
    measure: Literal["hazard_ratio", "time_ratio"] = Field(
        default="hazard_ratio",
        description="the ratio of hazards (Weibull and exponential), or of times",
    )
    times: Literal["exact", "assessments"] = Field(
        default="exact",
        description="the derived times, or the two assessments between which the event happened",
    )

    @model_validator(mode="after")
    def _hazards_are_proportional(self) -> Self:
        if self.measure == "hazard_ratio" and self.family.startswith("log-"):
            raise PydanticCustomError(
                "hazards_not_proportional",
                "this law has no hazard ratio: write measure = 'time_ratio'",
            )
        return self


class FlexibleOptions(WithMarginOfRatio):
    """How the curve may bend, and on which scale the arms are proportional."""

    knots: int = Field(default=2, ge=0, le=6, description="inner knots of the spline of log time")
    scale: Literal["hazard", "odds"] = Field(
        default="hazard", description="hazards or odds are proportional"
    )


class ModelCurveOptions(WithMargin):
    """Which model draws the curves, and what is read from them."""

    model: Literal["weibull", "exponential", "log-normal", "log-logistic", "flexible"] = Field(
        default="weibull", description="the law of the time, or a spline of log time (`flexible`)"
    )
    measure: Literal["survival", "rmst"] = Field(
        default="survival", description="survival at each time, or the mean time up to it"
    )
    knots: int = Field(default=2, ge=0, le=6, description="inner knots of the spline (`flexible`)")


class FrailtyOptions(WithMarginOfRatio):
    """Who shares a frailty, and its law."""

    cluster: Literal["patient", "site"] = Field(
        default="patient", description="whose rows share a hazard of their own"
    )
    law: Literal["gamma", "normal"] = Field(default="gamma", description="the law of the frailty")


METHODS = (
    MethodSpec(
        name="parametric",
        title="Parametric survival model",
        source="Kalbfleisch, Prentice 2002",
        options=ParametricOptions,
        grains=BOTH,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="flexible_parametric",
        title="Flexible parametric survival model",
        source="Royston, Parmar 2002",
        options=FlexibleOptions,
        grains=BOTH,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="model_curves",
        title="Curves of a parametric model",
        source="Kalbfleisch, Prentice 2002; Royston, Parmar 2002",
        options=ModelCurveOptions,
        times=Use.MUST,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="cox_frailty",
        title="Hazard ratio with a shared frailty",
        source="Therneau, Grambsch, Pankratz 2003; Ripatti, Palmgren 2000",
        options=FrailtyOptions,
        grains=BOTH,
        strata=Use.MAY,
        covariates=Use.MAY,
    ),
)
