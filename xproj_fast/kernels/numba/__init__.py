"""The Numba backend: the kernels without any compiled part of this package, equal to the C++ ones to the bit."""

from xproj_fast.kernels.numba.backend import NumbaKernels
from xproj_fast.kernels.numba.lists import ListError

__all__ = ["ListError", "NumbaKernels"]
