"""Strata of two groups as hypothesis draws them."""

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from naive.stratified_difference import Stratum

_GROUP = st.integers(1, 25).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
STRATA = st.lists(st.tuples(_GROUP, _GROUP).map(lambda p: (*p[0], *p[1])), min_size=1, max_size=5)


def tables(strata: list[Stratum]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Events and sizes, group 0 first."""
    counts = np.array(strata, dtype=np.int64)
    return counts[:, [2, 0]], counts[:, [3, 1]]
