"""What a short command spares itself, and that nothing is missing afterwards."""

import gc
import subprocess
import sys
from pathlib import Path

from equipoise.cli.quick_start import start_kernels, without_collection

SPARED = ("scipy.linalg", "scipy.special", "scipy.optimize", "polars", "matplotlib", "django")
CURVES = f"""
import gc, sys
from equipoise.cli.main import main
try:
    main(["curves", sys.argv[1]])
except SystemExit as done:
    assert not done.code
print([name for name in {SPARED} if name in sys.modules], gc.isenabled())
import scipy.linalg
print(scipy.linalg.eigvalsh([[2.0, 0.0], [0.0, 3.0]]))
"""
ROWS = "time,event,arm\n" + "".join(f"{1 + i},{i % 2},{'AB'[i % 3 % 2]}\n" for i in range(24))


def test_curves_load_no_algebra_frames_or_figures_which_can_be_loaded_after(tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    file.write_text(ROWS)
    done = subprocess.run(
        [sys.executable, "-c", CURVES, str(file)], capture_output=True, text=True, check=True
    )

    assert "Hazard ratio" in done.stdout
    assert done.stdout.splitlines()[-2:] == ["[] True", "[2. 3.]"]


def test_garbage_is_collected_again_afterwards_as_it_was_before() -> None:
    with without_collection():
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with without_collection():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_algebra_that_is_loaded_already_stays() -> None:
    import scipy.linalg  # noqa: PLC0415 - it is what may be there

    start_kernels()

    assert sys.modules["scipy.linalg"] is scipy.linalg
