"""Devices: what was asked for really runs, or an error says why not."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from xproj_fast.errors import InputError, MissingDependencyError
from xproj_fast.models import devices
from xproj_fast.models.devices import Device, ctranslate2_device, is_out_of_memory, onnx_device
from xproj_fast.packages import need

onnxruntime = pytest.importorskip("onnxruntime", reason="pip install 'xproj-fast[models]'")
pytest.importorskip("ctranslate2", reason="pip install 'xproj-fast[models]'")
CHOOSERS = [onnx_device, ctranslate2_device]
NO_GPU = not devices.gpu_present()


@pytest.mark.parametrize("choose", CHOOSERS)
def test_the_cpu(choose: object) -> None:
    assert choose("cpu") == Device("cpu")
    assert str(choose("cpu")) == "cpu"


@pytest.mark.parametrize("choose", CHOOSERS)
@pytest.mark.parametrize("name", ["", "gpu", "cuda:", "cuda:x", "CUDA", None, 0])
def test_other_names_are_refused(choose: object, name: object) -> None:
    with pytest.raises(InputError, match='device: expected "auto", "cpu", "cuda" or "cuda:N", got'):
        choose(name)


@pytest.mark.skipif(not NO_GPU, reason="this machine has a GPU")
@pytest.mark.parametrize("choose", CHOOSERS)
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:3"])
def test_a_gpu_that_is_not_there_is_an_error(choose: object, name: str, capfd: pytest.CaptureFixture[str]) -> None:
    devices.onnx_cuda_problem.cache_clear()
    with pytest.raises(InputError, match=r"device: expected cuda:\d in .*, got none that works: .*CUDA 13 and cuDNN 9"):
        choose(name)
    assert capfd.readouterr() == ("", "")  # the libraries' own noise is held back


@pytest.mark.skipif(not NO_GPU, reason="this machine has a GPU")
@pytest.mark.parametrize("choose", CHOOSERS)
def test_auto_without_a_gpu_is_the_cpu(choose: object, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert choose("auto") == Device("cpu")
    assert "runs on the CPU" in caplog.text


@pytest.mark.skipif(not NO_GPU, reason="this machine has a GPU")
@pytest.mark.parametrize("choose", CHOOSERS)
def test_auto_warns_of_a_gpu_it_cannot_use(choose: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "gpu_present", lambda: True)
    with pytest.warns(UserWarning, match="a GPU is here but .* cannot use it, so it runs on the CPU"):
        assert choose("auto") == Device("cpu")


def test_a_provider_that_loads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a GPU: the same probe, answered by a session that says what a GPU's would."""
    real = onnxruntime.InferenceSession

    def session(model: bytes, options: object, providers: object) -> object:
        assert real(model, providers=["CPUExecutionProvider"]).run(None, {"x": [1.5]}) == [[1.5]]  # the probe is ONNX
        return SimpleNamespace(get_providers=lambda: ["CUDAExecutionProvider", "CPUExecutionProvider"])

    monkeypatch.setattr(onnxruntime, "InferenceSession", session)
    devices.onnx_cuda_problem.cache_clear()
    assert onnx_device("auto") == Device("cuda", 0)
    assert onnx_device("cuda:1") == Device("cuda", 1)
    devices.onnx_cuda_problem.cache_clear()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("CUDA failed with error out of memory"), True),
        (RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("Failed to allocate memory for requested buffer of size 12"), True),
        (RuntimeError("Available memory of 1 is smaller than requested bytes of 2"), True),
        (MemoryError(), True),
        (RuntimeError("no such node"), False),
    ],
)
def test_out_of_memory(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected


def test_a_missing_package_names_its_extra() -> None:
    with pytest.raises(
        MissingDependencyError, match=r"needs the package nowhere_to_be_found: pip install 'xproj-fast\[models\]'"
    ):
        need("nowhere_to_be_found.module")
