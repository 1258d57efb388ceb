"""Our decisions at 5 % are R's in 2,000 simulated trials: p to six decimals, crr's to 1e-5."""

import numpy as np
import pytest

from reference.decisions.decisions import Beside, decide
from reference.decisions.drawn_trials import COUNT


@pytest.fixture(scope="module")
def beside() -> Beside:
    return decide(COUNT)


def test_every_p_and_every_decision_is_that_of_r(beside: Beside) -> None:
    assert beside.disagreements() == []


def test_both_decisions_are_common_in_every_test(beside: Beside) -> None:
    """Rejected in some trials and not in most, so that agreement says something."""
    rejected = (beside.theirs <= 0.05).mean(axis=0)

    assert np.all((rejected > 0.03) & (rejected < 0.6)), dict(
        zip(beside.tests, rejected, strict=True)
    )
