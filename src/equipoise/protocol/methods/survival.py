"""Named analyses of survival curves: probabilities, medians and means by a time."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from equipoise.protocol.methods.hazards import CoxOptions
from equipoise.protocol.methods.spec import BOTH, MethodOptions, MethodSpec, Use, WithMargin

Scale = Literal["log-log", "plain", "log", "logit", "arcsine"]
Weighting = Literal["size", "Mantel-Haenszel", "inverse variance"]


class CurveOptions(MethodOptions):
    """The limits of curves and medians."""

    interval: Scale = Field(
        default="log-log", description="the scale on which the limits are symmetric"
    )
    band: Literal["pointwise", "Hall-Wellner", "equal precision"] = Field(
        default="pointwise",
        description="whether limits of curves hold at each time, or for the whole curve",
    )


class MilestoneOptions(WithMargin):
    """On which scale probabilities are compared, and how strata are weighed."""

    scale: Scale = Field(default="log-log", description="the scale of the test")
    weighting: Weighting = Field(
        default="size", description="what a stratum counts, where stratified"
    )


class ScaleOptions(MethodOptions):
    """On which scale probabilities are compared."""

    scale: Scale = Field(default="log-log", description="the scale of the test")


class ContrastOptions(WithMargin):
    """How mean times are compared."""

    contrast: Literal["difference", "ratio"] = Field(
        default="difference", description="whether the difference or the ratio is estimated"
    )

    @model_validator(mode="after")
    def _margin_of_a_ratio_is_positive(self) -> Self:
        if self.contrast == "ratio" and self.margin is not None and self.margin <= 0:
            raise PydanticCustomError("margin_not_positive", "a margin of a ratio is above 0")
        return self


class RmstOptions(ContrastOptions):
    """How strata and lesions are weighed, and which rows are independent."""

    weighting: Weighting = Field(
        default="size", description="what a stratum counts, where stratified (differences)"
    )
    variance: Literal["model", "clustered"] = Field(
        default="model", description="rows are independent, or each patient's are a cluster"
    )
    weights: Literal["row", "patient"] = Field(
        default="row",
        description="each row counts 1, or each patient, where the number of lesions tells of the "
        "outcome (clustered variance)",
    )

    @model_validator(mode="after")
    def _weights_are_of_clusters(self) -> Self:
        if self.weights == "patient" and self.variance != "clustered":
            raise PydanticCustomError(
                "weights_not_clustered", "weights by patient need variance = 'clustered'"
            )
        return self


class AdjustedRmstOptions(ContrastOptions):
    """By which model mean times are adjusted."""

    model: Literal["censoring_weights", "pseudo_values", "treatment_weights"] = Field(
        default="censoring_weights",
        description="regression with weights by the inverse of censoring (Tian et al. 2014) or on "
        "pseudo-values, or curves weighed by the inverse chance of the arm (Conner et al. 2019)",
    )


class AdjustedMilestoneOptions(WithMargin):
    """The scale on which arm and covariates add up."""

    contrast: Literal["difference", "ratio", "odds_ratio", "hazard_ratio"] = Field(
        default="difference", description="what the coefficient of the arm is"
    )

    @model_validator(mode="after")
    def _margin_of_a_ratio_is_positive(self) -> Self:
        if self.contrast != "difference" and self.margin is not None and self.margin <= 0:
            raise PydanticCustomError("margin_not_positive", "a margin of a ratio is above 0")
        return self


class QuantileOptions(CurveOptions):
    """Which quantile is compared, and how."""

    probability: float = Field(
        default=0.5, gt=0, lt=1, description="the share with the event by then; 0.5: the median"
    )
    contrast: Literal["difference", "ratio"] = Field(
        default="difference", description="whether the difference or the ratio is estimated"
    )


class ConditionalOptions(WithMargin):
    """Up to when patients must have come without the event."""

    given_months: float = Field(
        default=3.0, gt=0, description="the time that was reached without the event"
    )


class LandmarkOptions(CoxOptions):
    """From when those still without event are compared."""

    landmark_months: float = Field(
        default=3.0, gt=0, description="the landmark, from which times are counted"
    )


METHODS = (
    MethodSpec(
        name="milestone",
        title="Probabilities at a time",
        source="Klein et al. 2007; Zou, Donner 2008",
        options=MilestoneOptions,
        grains=BOTH,
        times=Use.MUST,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="milestone_all_arms",
        title="Probabilities of all arms",
        source="Klein et al. 2007, section 4",
        options=ScaleOptions,
        times=Use.MUST,
        whole=True,
    ),
    MethodSpec(
        name="adjusted_milestone",
        title="Adjusted probability",
        source="Andersen, Klein, Rosthoj 2003",
        options=AdjustedMilestoneOptions,
        grains=BOTH,
        times=Use.MUST,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="median",
        title="Median",
        source="Brookmeyer, Crowley 1982",
        options=CurveOptions,
        grains=BOTH,
        times=Use.IGNORED,
        strata=Use.IGNORED,
        tests=False,
    ),
    MethodSpec(
        name="quantile_difference",
        title="Difference of quantiles",
        source="Brookmeyer, Crowley 1982; Zou, Donner 2008",
        options=QuantileOptions,
        tests=False,
    ),
    MethodSpec(
        name="rmst",
        title="Restricted mean",
        source="Uno et al. 2014; over strata Tian, Zhao, Wei 2014",
        options=RmstOptions,
        grains=BOTH,
        times=Use.MUST,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="adjusted_rmst",
        title="Adjusted restricted mean",
        source="Tian, Zhao, Wei 2014; Andersen, Hansen, Klein 2004; Conner et al. 2019",
        options=AdjustedRmstOptions,
        times=Use.MUST,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="conditional_milestone",
        title="Probabilities given an earlier time",
        source="Andersen et al. 1993, IV.3",
        options=ConditionalOptions,
        times=Use.MUST,
    ),
    MethodSpec(
        name="landmark",
        title="Hazard ratio from a landmark",
        source="Anderson, Cain, Gelber 1983",
        options=LandmarkOptions,
        grains=BOTH,
        strata=Use.MAY,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="kaplan_meier",
        title="Kaplan-Meier curves",
        source="Kaplan, Meier 1958; Greenwood 1926",
        options=CurveOptions,
        grains=BOTH,
        times=Use.IGNORED,
        strata=Use.IGNORED,
        tests=False,
    ),
)
