"""The Numba backend: candidates, alignment scores and greedy matching, equal to the C++ ones to the bit."""

from xproj_fast.kernels.numba.backend import NumbaKernels

__all__ = ["NumbaKernels"]
