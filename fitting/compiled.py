"""Compiling inner loops with Numba, kept on disk so that a start does not wait for a compiler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(*signatures: str, exact: bool = False) -> Callable[[Function], Function]:
    """Compiles for fixed argument types at import and keeps the machine code in Numba's cache.

    ``exact``: arithmetic in the order that is written, so that equal expressions give equal results.

    ``python -m fitting models`` imports every kernel once, so that later starts only load them. Where no cache folder
    can be written (a read-only installation without a home), the kernels are compiled in memory instead.
    """

    def decorate(function: Function) -> Function:
        njit = cast(Any, numba).njit
        options = {"nogil": True, "fastmath": not exact, "boundscheck": False}
        try:
            return cast(Function, njit(list(signatures), cache=True, **options)(function))
        except (RuntimeError, OSError):
            return cast(Function, njit(list(signatures), **options)(function))

    return decorate
