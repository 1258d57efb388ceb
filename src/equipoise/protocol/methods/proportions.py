"""Named analyses of shares: who had the event in a window."""

from equipoise.protocol.methods.spec import BOTH, Compared, MethodSpec, Use

METHODS = (
    MethodSpec(
        name="risk_difference",
        title="Risk difference",
        source="Miettinen, Nurminen 1985; Newcombe 1998",
        options=Compared,
        kinds=("occurrence",),
        grains=BOTH,
        times=Use.MAY,
        strata=Use.IGNORED,
    ),
)
