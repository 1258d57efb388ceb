"""Named analyses of hazards: tests by rank, and models of the hazard."""

from equipoise.protocol.methods.spec import BOTH, Compared, MethodSpec, Use, WithMarginOfRatio

METHODS = (
    MethodSpec(
        name="cox",
        title="Hazard ratio",
        source="Cox 1972; Efron 1977; Grambsch, Therneau 1994",
        options=WithMarginOfRatio,
        grains=BOTH,
        times=Use.IGNORED,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="logrank",
        title="Log-rank test",
        source="Mantel 1966; Peto, Peto 1972",
        options=Compared,
        grains=BOTH,
        times=Use.IGNORED,
        strata=Use.MAY,
    ),
)
