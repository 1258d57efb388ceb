"""Named random numbers: the published words, and independence from order, count and neighbours."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from equipoise.numerics.streams import (
    _open_unit,
    draw_normals,
    draw_uniforms,
    philox4x32,
    uniform_at,
)
from naive.philox import philox4x32_10, uniform

# Random123 1.14, tests/kat_vectors, lines "philox4x32 10": counter, key, words
KNOWN_ANSWERS = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
]  # fmt: skip


def words(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def ids(*values: int) -> NDArray[np.int64]:
    return np.array(values, dtype=np.int64)


def subjects(n: int) -> NDArray[np.int64]:
    return np.arange(n, dtype=np.int64)


def uniforms(n: int, seed: int = 1, purpose: int = 3, count: int = 1) -> NDArray[np.float64]:
    replicate = np.zeros(n, dtype=np.int64)
    return draw_uniforms(
        seed, replicate=replicate, subject=subjects(n), purpose=purpose, count=count
    )


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_words_are_those_published_with_random123(counter: str, key: str, expected: str) -> None:
    arguments = [np.uint64(word) for word in words(counter) + words(key)]

    assert words(expected) == [int(word) for word in philox4x32(*arguments)]


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN_ANSWERS)
def test_the_twin_gives_the_published_words_too(counter: str, key: str, expected: str) -> None:
    key_0, key_1 = words(key)

    assert tuple(words(expected)) == philox4x32_10(tuple(words(counter)), (key_0, key_1))


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**64 - 1),
    replicate=st.integers(0, 2**32 - 1),
    subject=st.integers(0, 2**32 - 1),
    purpose=st.integers(0, 2**32 - 1),
)
def test_draws_equal_the_twin(seed: int, replicate: int, subject: int, purpose: int) -> None:
    drawn = draw_uniforms(
        seed, replicate=ids(replicate), subject=ids(subject), purpose=purpose, count=5
    )

    assert drawn[0].tolist() == [uniform(seed, replicate, subject, purpose, i) for i in range(5)]


def test_the_scalar_draw_is_the_same_draw() -> None:
    drawn = draw_uniforms(2**63 + 5, replicate=ids(7), subject=ids(9), purpose=11, count=6)
    seed, replicate, subject, purpose = (np.uint64(v) for v in (2**63 + 5, 7, 9, 11))

    assert drawn[0].tolist() == [
        uniform_at(seed, replicate, subject, purpose, np.uint64(index)) for index in range(6)
    ]


def test_a_draw_does_not_depend_on_how_many_follow() -> None:
    assert np.array_equal(uniforms(20, count=3), uniforms(20, count=8)[:, :3])


def test_a_draw_does_not_depend_on_the_order_or_the_chunk_of_rows() -> None:
    whole = uniforms(100, count=4)
    backwards = subjects(100)[::-1]
    zeros = np.zeros(100, dtype=np.int64)
    turned = draw_uniforms(1, replicate=zeros, subject=backwards, purpose=3, count=4)
    part = draw_uniforms(1, replicate=ids(0, 0), subject=ids(40, 41), purpose=3, count=4)

    assert np.array_equal(turned[::-1], whole)
    assert np.array_equal(part, whole[40:42])


def test_draws_are_strictly_between_zero_and_one() -> None:
    drawn = uniforms(200_000)

    assert 0.0 < drawn.min() < 1e-4
    assert 1 - 1e-4 < drawn.max() < 1.0


def test_the_largest_words_stay_below_one() -> None:
    assert _open_unit(np.uint64(2**32 - 1), np.uint64(2**32 - 1)) == 1 - 2.0**-53
    assert _open_unit(np.uint64(0), np.uint64(0)) == 2.0**-53


def test_draws_fill_100_bins_evenly() -> None:
    counts = np.bincount((uniforms(100_000)[:, 0] * 100).astype(int), minlength=100)
    chi_square = float(((counts - 1000.0) ** 2 / 1000.0).sum())

    assert 66.5 < chi_square < 139.0  # the 0.5 and 99.5 percentiles of chi-square on 99


@pytest.mark.parametrize("neighbour", ["seed", "replicate", "subject", "purpose", "index"])
def test_neighbouring_names_give_independent_draws(neighbour: str) -> None:
    n = 40_000
    zeros, rows = np.zeros(n, dtype=np.int64), subjects(n)
    first = draw_uniforms(1, replicate=zeros, subject=rows, purpose=3, count=1)[:, 0]
    second = {
        "seed": draw_uniforms(2, replicate=zeros, subject=rows, purpose=3, count=1)[:, 0],
        "replicate": draw_uniforms(1, replicate=zeros + 1, subject=rows, purpose=3, count=1)[:, 0],
        "subject": draw_uniforms(1, replicate=zeros, subject=rows + 1, purpose=3, count=1)[:, 0],
        "purpose": draw_uniforms(1, replicate=zeros, subject=rows, purpose=4, count=1)[:, 0],
        "index": draw_uniforms(1, replicate=zeros, subject=rows, purpose=3, count=2)[:, 1],
    }[neighbour]
    cells = np.bincount((first * 8).astype(int) * 8 + (second * 8).astype(int), minlength=64)
    chi_square = float(((cells - n / 64) ** 2 / (n / 64)).sum())

    assert chi_square < 103.4  # the 99.9 percentile of chi-square on 63
    assert abs(float(np.corrcoef(first, second)[0, 1])) < 3.3 / np.sqrt(n)


def test_replicate_and_subject_are_not_interchangeable() -> None:
    one = draw_uniforms(1, replicate=ids(2), subject=ids(5), purpose=0, count=2)
    other = draw_uniforms(1, replicate=ids(5), subject=ids(2), purpose=0, count=2)

    assert not np.array_equal(one, other)


def test_normals_are_the_quantiles_of_the_uniforms() -> None:
    zeros = np.zeros(50, dtype=np.int64)
    drawn = draw_normals(1, replicate=zeros, subject=subjects(50), purpose=3, count=2)
    expected = [NormalDist().inv_cdf(value) for value in uniforms(50, count=2).ravel()]

    assert np.allclose(drawn.ravel(), expected, rtol=1e-9, atol=1e-12)


def test_normals_have_mean_zero_and_variance_one() -> None:
    n = 100_000
    zeros = np.zeros(n, dtype=np.int64)
    drawn = draw_normals(9, replicate=zeros, subject=subjects(n), purpose=0, count=1)

    assert abs(drawn.mean()) < 3.3 / np.sqrt(n)
    assert abs(drawn.var() - 1) < 3.3 * np.sqrt(2 / n)


def test_no_rows_and_no_draws_are_allowed() -> None:
    assert uniforms(0, count=4).shape == (0, 4)
    assert uniforms(3, count=0).shape == (3, 0)


@pytest.mark.parametrize(
    ("seed", "replicate", "subject", "purpose", "count", "named"),
    [
        (-1, 0, 0, 0, 1, "seed"),
        (2**64, 0, 0, 0, 1, "seed"),
        (0, -1, 0, 0, 1, "replicate"),
        (0, 0, 2**32, 0, 1, "subject"),
        (0, 0, 0, -1, 1, "purpose"),
        (0, 0, 0, 2**32, 1, "purpose"),
        (0, 0, 0, 0, -1, "count"),
    ],
)
def test_a_name_out_of_range_is_refused(
    seed: int, replicate: int, subject: int, purpose: int, count: int, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        draw_uniforms(
            seed, replicate=ids(replicate), subject=ids(subject), purpose=purpose, count=count
        )


def test_rows_of_different_number_or_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="one each"):
        draw_uniforms(0, replicate=ids(0), subject=ids(0, 1), purpose=0, count=1)
    with pytest.raises(ValueError, match="whole numbers"):
        draw_uniforms(0, replicate=np.array([0.5]), subject=ids(0), purpose=0, count=1)
