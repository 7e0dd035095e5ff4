"""Where the wearer's own top ends: the lowest row of its colours before the middle of the body."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fitting.body import Body
from fitting.colours import FLOOR
from fitting.pose import Floats
from fitting.window import Canvas

# The hem is looked for between these depths, in torso lengths, in this many columns over so much of the body's width.
HIGHEST, LOWEST, ROWS = 0.78, 1.24, 40
COLUMNS, HALF = 13, 0.42
# While nothing is known of the trousers, a colour that is this much of the top is as likely the top's as not.
USUAL = 1e-3
# A column shows the hem where the evidence of its pixels, 1 each at most, agrees so well; as many rows as
# this next to it are seen on either side.
AGREE, BESIDE = 0.7, 4
# So many columns show it, and half of them at about the same depth.
LEAST_COLUMNS, SPREAD = 4, 0.03
LEARN = 0.5  # share of a new frame
# A hem that is seen only after so many frames pulls the garment down slowly, from where the hips are.
AT_ONCE, START = 4, 1.0


class OwnHem:
    """``depth``: where the wearer's own top ends, in torso lengths below the shoulders; None until it was seen."""

    def __init__(self) -> None:
        self.depth: float | None = None
        self._frames = 0

    def learn(self, found: float | None) -> None:
        """Takes in the depth that one frame shows, None for one that shows none."""
        self._frames += 1
        if found is None:
            return
        if self.depth is None:
            self.depth = found if self._frames <= AT_ONCE else START
        self.depth += LEARN * (found - self.depth)


def hem_in(
    codes: npt.NDArray[np.uint16],
    clear: npt.NDArray[np.bool_],
    body: Body,
    canvas: Canvas,
    cloth: Floats,
    legs: Floats | None,
) -> float | None:
    """The depth of the hem in one frame; None where it is hidden, outside, or has the colours of what is below.

    ``codes`` (h, w) are the canvas's colours, ``clear`` (h, w) is where neither arm nor background hides the body,
    ``cloth`` and ``legs`` (BINS,) are the shares of each colour in the top and below it.
    """
    depths = np.linspace(HIGHEST, LOWEST, ROWS)
    across = np.linspace(-HALF, HALF, COLUMNS) * body.shoulders
    places = body.chest + depths[:, None, None] * body.torso * body.down + across[None, :, None] * body.across
    x, y = np.moveaxis(((places - [canvas.window.x0, canvas.window.y0]) / canvas.step).astype(np.int64), -1, 0)
    inside = (x >= 0) & (y >= 0) & (x < canvas.shape[1]) & (y < canvas.shape[0])
    x, y = np.where(inside, x, 0), np.where(inside, y, 0)
    found = codes[y, x]
    below = np.float32(USUAL) if legs is None else legs[found]
    told = np.clip(np.log((cloth[found] + FLOOR) / (below + FLOOR)), -1, 1)
    known = inside & clear[y, x]
    told[~known] = 0
    above = np.concatenate([np.zeros((1, COLUMNS)), np.cumsum(told, axis=0)])
    gain = 2 * above - above[-1]  # of a hem above each row: what agrees with it less what does not
    rows, columns = np.argmax(gain, axis=0), np.arange(COLUMNS)
    seen = np.concatenate([np.zeros((1, COLUMNS), np.int64), np.cumsum(known, axis=0)])
    near = seen[np.minimum(rows + BESIDE, ROWS), columns] - seen[np.maximum(rows - BESIDE, 0), columns]
    agreed = gain[rows, columns] >= AGREE * seen[-1]
    shown = (near == 2 * BESIDE) & agreed
    if np.count_nonzero(shown) < LEAST_COLUMNS:
        return None
    step = (LOWEST - HIGHEST) / (ROWS - 1)
    depth = HIGHEST + (rows[shown] - 0.5) * step
    low, high = np.percentile(depth, [25, 75])
    return float(depth[(depth >= low) & (depth <= high)].mean()) if high - low < SPREAD else None
