"""Rows of a trial in the order and the code that its kernels read."""

import struct

import numpy as np
from numpy.typing import NDArray

from naive.cox import Person


def coded(person: Person) -> int:
    """The bits of the time, their last ten replaced: censored, stratum, arm."""
    bits = struct.unpack("<q", struct.pack("<d", person.time))[0]
    return int(bits >> 10 << 10) | (0 if person.event else 512) | person.stratum * 2 | person.group


def in_order(people: list[Person]) -> NDArray[np.int64]:
    return np.array(sorted(coded(person) for person in people), dtype=np.int64)


def arms(control: str, experimental: str) -> list[Person]:
    """Two arms written as "5 7+ 9", + censored."""
    return [
        Person(time=float(word.rstrip("+")), event=int(not word.endswith("+")), group=arm)
        for arm, text in enumerate((control, experimental))
        for word in text.split()
    ]
