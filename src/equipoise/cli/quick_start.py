"""What a short command spares itself while it starts: it would take as long as its work."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Iterator[None]:
    """Collects no garbage within: what is imported stays, and is not looked through again."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collected:
            gc.enable()


def start_kernels() -> None:
    """Makes numba ready for compiled kernels, without the linear algebra of scipy.

    numba would load it for matrix products within kernels, of which there is none.
    """
    from numba.core.registry import cpu_target

    spared = "scipy.linalg"
    if spared in sys.modules:
        return
    sys.modules[spared] = None  # type: ignore[assignment]  # so that its import is refused
    try:
        with without_collection():
            cpu_target.target_context.refresh()
    finally:
        del sys.modules[spared]
