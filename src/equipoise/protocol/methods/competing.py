"""Named analyses of an event with others competing."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from equipoise.protocol.methods.spec import (
    BOTH,
    Compared,
    MethodSpec,
    Second,
    SecondEndpoint,
    Use,
    WithMargin,
    WithMarginOfRatio,
)


class FineGrayOptions(WithMarginOfRatio):
    """How the Fine-Gray model takes censoring."""

    censoring: Literal["crr", "finegray"] = Field(
        default="crr",
        description="whose handling of ties with a censoring and of the variance: that of "
        "cmprsk::crr, or that of survival::finegray",
    )
    weights: Literal["row", "patient"] = Field(
        default="row",
        description="each row counts 1, or each patient, where the number of lesions tells of the "
        "outcome",
    )


class GrayOptions(Compared):
    """How early and late events count."""

    rho: float = Field(
        default=0.0, description="weight (1 - incidence)^rho: above 0 early events count more"
    )


class ClusteredTestOptions(Compared):
    """Which hazard is compared, and what a lesion counts."""

    hazard: Literal["cause", "subdistribution"] = Field(
        default="cause",
        description="of those free of all events (log-rank), or the subdistribution's (as Gray)",
    )
    weights: Literal["lesion", "patient"] = Field(
        default="lesion",
        description="each lesion counts 1, or each patient, where the number of lesions tells of "
        "the outcome",
    )


Band = Literal["pointwise", "equal precision"]


class IncidenceOptions(WithMargin):
    """The limits of the curves."""

    band: Band = Field(
        default="pointwise",
        description="whether limits of curves hold at each time, or for the whole curve",
    )


class IncidenceDifferenceOptions(IncidenceOptions):
    """On which scale incidences are compared, and the limits of the curves."""

    scale: Literal["plain", "log-log", "log", "logit", "arcsine"] = Field(
        default="plain", description="the scale of the test, of 1 less the incidence"
    )


class LostTimeOptions(WithMargin):
    """How mean times lost are compared."""

    contrast: Literal["difference", "ratio"] = Field(
        default="difference", description="whether the difference or the ratio is estimated"
    )

    @model_validator(mode="after")
    def _margin_of_a_ratio_is_positive(self) -> Self:
        if self.contrast == "ratio" and self.margin is not None and self.margin <= 0:
            raise PydanticCustomError("margin_not_positive", "a margin of a ratio is above 0")
        return self


class AdjustedIncidenceOptions(WithMargin):
    """The scale on which arm and covariates add up."""

    contrast: Literal["difference", "ratio", "hazard_ratio"] = Field(
        default="difference",
        description="what the coefficient of the arm is; the hazard ratio is the subdistribution's",
    )

    @model_validator(mode="after")
    def _margin_of_a_ratio_is_positive(self) -> Self:
        if self.contrast != "difference" and self.margin is not None and self.margin <= 0:
            raise PydanticCustomError("margin_not_positive", "a margin of a ratio is above 0")
        return self


class IllnessDeathOptions(SecondEndpoint, WithMargin):
    """Which state is compared, and how."""

    state: Literal["free", "progressed", "dead"] = Field(
        default="progressed",
        description="the state compared: free of the event, alive with it, or dead",
    )
    measure: Literal["share", "time"] = Field(
        default="share",
        description="the share in the state at each time, or the mean time in it up to then",
    )


METHODS = (
    MethodSpec(
        name="cumulative_incidence",
        title="Cumulative incidence",
        source="Aalen, Johansen 1978; Field, Welsh 2007",
        options=IncidenceOptions,
        kinds=("time_to_event", "occurrence"),
        grains=BOTH,
        times=Use.MAY,
        strata=Use.IGNORED,
    ),
    MethodSpec(
        name="incidence_difference",
        title="Difference of incidences",
        source="Aalen, Johansen 1978; Klein et al. 2007",
        options=IncidenceDifferenceOptions,
        kinds=("time_to_event", "occurrence"),
        grains=BOTH,
        times=Use.MAY,
    ),
    MethodSpec(
        name="lost_time",
        title="Mean time lost to the event",
        source="Andersen 2013",
        options=LostTimeOptions,
        kinds=("time_to_event", "occurrence"),
        grains=BOTH,
        times=Use.MUST,
    ),
    MethodSpec(
        name="clustered_test",
        title="Test of lesions clustered in patients",
        source="Lee, Wei, Amato 1992; Jeong, Jung 2006; Williamson et al. 2003",
        options=ClusteredTestOptions,
        grains=("lesion",),
        strata=Use.MAY,
        whole=True,
    ),
    MethodSpec(
        name="fine_gray",
        title="Subdistribution hazard ratio",
        source="Fine, Gray 1999; Zhou et al. 2012",
        options=FineGrayOptions,
        kinds=("time_to_event", "occurrence"),
        grains=BOTH,
        strata=Use.MAY,
        covariates=Use.MAY,
        competing=True,
    ),
    MethodSpec(
        name="gray",
        title="Gray's test",
        source="Gray 1988",
        options=GrayOptions,
        kinds=("time_to_event", "occurrence"),
        strata=Use.MAY,
        competing=True,
        whole=True,
    ),
    MethodSpec(
        name="adjusted_incidence",
        title="Adjusted incidence",
        source="Klein, Andersen 2005",
        options=AdjustedIncidenceOptions,
        kinds=("time_to_event", "occurrence"),
        grains=BOTH,
        times=Use.MAY,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="illness_death",
        title="Share in a state",
        source="Aalen, Johansen 1978; Andersen et al. 1993, IV.4",
        options=IllnessDeathOptions,
        times=Use.MUST,
        second=Second.END,
    ),
)
