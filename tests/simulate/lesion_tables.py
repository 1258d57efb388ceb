"""Lesions written as small tables of readings in millimetres, one subject a table."""

import numpy as np
from numpy.typing import NDArray

from equipoise.simulate.lesions import MOST_LESIONS, Lesions, choose_targets


def lesions_of(
    *sizes_mm: float, nodal: tuple[int, ...] = (), organs: tuple[int, ...] = ()
) -> Lesions:
    """One subject with these lesions at baseline; `nodal` names the places of lymph nodes."""
    count = len(sizes_mm)
    size = np.zeros((1, MOST_LESIONS))
    size[0, :count] = sizes_mm
    present = np.arange(MOST_LESIONS)[None, :] < count
    is_node = np.isin(np.arange(MOST_LESIONS), nodal)[None, :]
    organ = np.arange(MOST_LESIONS)[None, :].copy()
    organ[0, : len(organs)] = organs
    tenths = np.rint(10 * size).astype(np.int64)
    zeros = np.zeros_like(size)
    return Lesions(
        frailty=np.zeros(1), present=present, site=organ, organ=organ, nodal=is_node,
        target=choose_targets(tenths, present=present, organ=organ, nodal=is_node),
        size_mm=size, growth=zeros + 0.001, shrinkage=zeros + 0.005, sensitive=zeros + 0.5,
        tenths=tenths,
    )  # fmt: skip


def scan_of(*sizes_mm: float | None) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Tenths and unread lesions of one scan; None is a lesion that cannot be judged."""
    tenths = np.zeros((1, MOST_LESIONS), dtype=np.int64)
    unread = np.zeros((1, MOST_LESIONS), dtype=np.bool_)
    for place, size in enumerate(sizes_mm):
        if size is None:
            unread[0, place] = True
        else:
            tenths[0, place] = round(10 * size)
    return tenths, unread
