"""Pictures in the form in which the rasteriser reads them."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from fitting.pose import Bytes

Texels: TypeAlias = npt.NDArray[np.uint64]


def texels(picture: Bytes) -> Texels:
    """A premultiplied BGRA picture (h, w, 4) as uint64 (h, w).

    A texel is four 16-bit lanes of one word (blue lowest, alpha highest), so that one multiplication weighs all four.
    """
    return np.ascontiguousarray(picture.astype(np.uint16)).view(np.uint64)[..., 0]
