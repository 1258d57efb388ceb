"""Named analyses of hazards: tests by rank, and models of the hazard."""

from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from equipoise.protocol.methods.spec import (
    BOTH,
    MethodOptions,
    MethodSpec,
    Use,
    WithMarginOfRatio,
)


class CoxOptions(WithMarginOfRatio):
    """How Cox's model takes ties, and its variance."""

    ties: Literal["efron", "breslow", "exact"] = Field(
        default="efron", description="how events of one day enter the likelihood"
    )
    variance: Literal["model", "robust", "clustered"] = Field(
        default="model",
        description="the inverse information, the sandwich, or the sandwich with each patient's "
        "rows as a cluster",
    )

    estimate: Literal["likelihood", "firth"] = Field(
        default="likelihood",
        description="by the partial likelihood, or by Firth's for sparse data",
    )
    interval: Literal["wald", "profile"] = Field(
        default="wald", description="Wald's interval and p, or those of the profile likelihood"
    )

    weights: Literal["row", "patient"] = Field(
        default="row",
        description="each row counts 1, or each patient, where the number of lesions tells of the "
        "outcome (clustered variance)",
    )

    @model_validator(mode="after")
    def _choices_go_together(self) -> Self:
        if self.ties == "exact" and self.variance != "model":
            raise PydanticCustomError(
                "exact_ties_not_robust", "exact ties have no robust or clustered variance"
            )
        if self.weights == "patient" and self.variance != "clustered":
            raise PydanticCustomError(
                "weights_not_clustered", "weights by patient need variance = 'clustered'"
            )
        if self.ties == "exact" and self.estimate == "firth":
            raise PydanticCustomError(
                "exact_ties_not_firth", "exact ties have no estimate of Firth"
            )
        if self.variance != "model" and (self.estimate, self.interval) != ("likelihood", "wald"):
            raise PydanticCustomError(
                "robust_not_profile",
                "Firth's estimate and profile intervals take rows as independent: variance = model",
            )
        return self


class CauseSpecificOptions(CoxOptions):
    """Of which event the hazard is modelled."""

    cause: Literal["event", "competing"] = Field(
        default="event", description="whose hazard is compared; the other event censors"
    )


class MarginalOptions(WithMarginOfRatio):
    """How the marginal models take ties."""

    ties: Literal["efron", "breslow"] = Field(
        default="efron", description="how events of one day enter the likelihood"
    )


class HeterogeneityOptions(MethodOptions):
    """Between what hazard ratios may differ."""

    by: Literal["site", "stratum"] = Field(
        default="site", description="whose hazard ratios are compared with each other"
    )


class ConcordanceOptions(MethodOptions):
    """What ranks the patients."""

    ties: Literal["efron", "breslow"] = Field(
        default="efron", description="how events of one day enter the likelihood"
    )
    score: Literal["covariates", "arms_too"] = Field(
        default="covariates",
        description="whether patients are ranked by the covariates alone, or by their arm too",
    )


METHODS = (
    MethodSpec(
        name="cox",
        title="Hazard ratio",
        source="Cox 1972; Efron 1977; Grambsch, Therneau 1994",
        options=CoxOptions,
        grains=BOTH,
        times=Use.IGNORED,
        strata=Use.MAY,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="cause_specific_cox",
        title="Cause-specific hazard ratio",
        source="Prentice et al. 1978; Putter, Fiocco, Geskus 2007",
        options=CauseSpecificOptions,
        kinds=("time_to_event", "occurrence"),
        grains=BOTH,
        strata=Use.MAY,
        covariates=Use.MAY,
        competing=True,
    ),
    MethodSpec(
        name="wei_lin_weissfeld",
        title="Common hazard ratio of the lesions of a patient",
        source="Wei, Lin, Weissfeld 1989",
        options=MarginalOptions,
        grains=("lesion",),
        strata=Use.MAY,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="heterogeneity",
        title="Hazard ratios between sites or strata",
        source="Cochran 1954; Higgins, Thompson 2002",
        options=HeterogeneityOptions,
    ),
    MethodSpec(
        name="concordance",
        title="Concordance of a Cox model",
        source="Harrell et al. 1982; Therneau, Watson 2015",
        options=ConcordanceOptions,
        strata=Use.MAY,
        covariates=Use.MUST,
        whole=True,
        tests=False,
    ),
)
