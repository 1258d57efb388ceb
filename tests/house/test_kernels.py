"""What numba compiles is cached, exact, in numerics, and has a slow twin."""

import pytest

from house.kernels import (
    algebra_in_kernels,
    careless_compiling,
    has_kernel,
    lonely_kernels,
    scipy_in_kernels,
    stray_kernels,
)
from house.source import ROOT, Source, python_files, source_of

KERNEL = "@njit(cache=True)\ndef _gray_kernel(time, event):\n    return time\n"


def numerics(text: str, *, name: str = "gray.py") -> Source:
    return source_of(text, place=f"src/equipoise/numerics/{name}")


def twin(name: str) -> Source:
    return source_of("def gray(time, event): ...", place=f"tests/naive/{name}")


def comparison(text: str) -> Source:
    return source_of(text, place="tests/numerics/test_gray.py")


@pytest.mark.parametrize(
    ("decorator", "what"),
    [
        ("@njit", "compiles without cache=True"),
        ("@njit(cache=False)", "compiles without cache=True"),
        ("@numba.njit(cache=True, fastmath=True)", "compiles with fastmath"),
        ("@njit(cache=True, fastmath={'nnan'})", "compiles with fastmath"),
    ],
)
def test_careless_compiling_is_found(decorator: str, what: str) -> None:
    found = careless_compiling(numerics(f"{decorator}\ndef f(a): ..."))
    assert [line.split(" ", 1)[1] for line in found] == [what]


def test_cached_compiling_is_right() -> None:
    assert careless_compiling(numerics(KERNEL)) == []
    assert careless_compiling(numerics("@njit(cache=True, parallel=True)\ndef f(a): ...")) == []


def test_a_kernel_outside_numerics_is_found() -> None:
    assert stray_kernels(source_of(KERNEL)) != []
    assert stray_kernels(numerics(KERNEL)) == []


def test_a_kernel_is_known_by_its_name_and_its_decorator() -> None:
    assert has_kernel(numerics(KERNEL))
    assert not has_kernel(numerics("def _gray_kernel(time, event): ..."))
    assert not has_kernel(numerics("@njit(cache=True)\ndef _step(time): ..."))


def test_a_kernel_without_a_twin_is_lonely() -> None:
    found = lonely_kernels([numerics(KERNEL)])
    assert found == [
        "src/equipoise/numerics/gray.py:1 has a kernel and no twin that a test compares it with"
    ]


def test_a_twin_that_no_test_imports_does_not_count() -> None:
    assert lonely_kernels([numerics(KERNEL), twin("gray.py")]) != []


@pytest.mark.parametrize("text", ["from naive.gray import gray", "from naive import gray",
                                  "import naive.gray"])  # fmt: skip
def test_a_twin_that_a_test_imports_counts(text: str) -> None:
    assert lonely_kernels([numerics(KERNEL), twin("gray.py"), comparison(text)]) == []


def test_the_twin_of_an_estimator_serves_the_files_named_after_it() -> None:
    sources = [twin("gray.py"), comparison("from naive.gray import gray")]
    assert lonely_kernels([numerics(KERNEL, name="gray_sums.py"), *sources]) == []
    assert lonely_kernels([numerics(KERNEL, name="fine_gray.py"), *sources]) != []


def test_a_twin_of_another_name_counts_in_the_test_of_the_same_name() -> None:
    sources = [numerics(KERNEL, name="streams.py"), twin("philox.py")]
    use = "from naive.philox import words"
    other = source_of(use, place="tests/numerics/test_gray.py")
    assert lonely_kernels([sources[0], other]) != []
    same = source_of(use, place="tests/numerics/test_streams.py")
    assert lonely_kernels([*sources, other]) != []
    assert lonely_kernels([*sources, same]) == []


def test_scipy_inside_a_kernel_is_found() -> None:
    text = "@njit(cache=True)\ndef _f_kernel(a):\n    return scipy.special.ndtr(a)\n"
    assert scipy_in_kernels(numerics(text)) != []
    assert scipy_in_kernels(numerics("def f(a):\n    return scipy.special.ndtr(a)\n")) == []


@pytest.mark.parametrize("product", ["a @ b", "np.dot(a, b)", "np.linalg.solve(a, b)"])
def test_a_product_of_matrices_inside_a_kernel_is_found(product: str) -> None:
    text = f"def _f_kernel(a, b):\n    return {product}\n"
    assert algebra_in_kernels(numerics(f"@njit(cache=True)\n{text}")) != []
    assert algebra_in_kernels(numerics(text)) == []


def test_everything_compiled_keeps_the_rules() -> None:
    found = [
        line
        for source in python_files(ROOT, "src")
        for check in (careless_compiling, stray_kernels, scipy_in_kernels, algebra_in_kernels)
        for line in check(source)
    ]
    assert found == [], "\n".join(found)


def test_every_kernel_has_its_twin() -> None:
    found = lonely_kernels(python_files(ROOT, "src", "tests"))
    assert found == [], "\n".join(found)
