"""How well a garment is cut out of a merchant's photograph: overlap with the truth over photographs made by chance.

It takes about two minutes. Three cases: a usual ground, a ground nearly of the garment's colour (9 to 14 in CIELAB from
its mean), and a sleeve that touches the body, so that ground is seen through a hole. Then how far the key points are
proposed from an author's.
"""

from __future__ import annotations

import argparse
import json
import time

import cv2
import numpy as np

from fitting.cutout import cut_out
from fitting.errors import PhotoUnusable
from fitting.garment import Wardrobe
from fitting.keypoints import propose
from fitting.pose import Bytes
from tests.fitting.photographs import Photograph, overlap, photograph

ROUNDS = 2
GOOD = 0.97
CASES = {"usual": {}, "near": {"near": True}, "hole": {"hole": True}}
SLEEVED = ("shirt", "blouse", "hoodie", "jacket")
FLAT = ("tee", "shirt", "dress")
NAMES = ("armpit", "cuff", "hem", "crotch", "band", "lens")


def main(seed: int) -> None:
    """One figure a case, and the time."""
    cv2.setNumThreads(1)
    seconds, proposed = [], []
    for number, (case, how) in enumerate(CASES.items()):
        scores = []
        for turn in range(ROUNDS):
            for place, garment in enumerate(SLEEVED if case == "hole" else sorted(Wardrobe.demo())):
                chance = seed + 1000 * turn + 10 * place + number
                shot = photograph(garment, chance, flat=chance % 2 == 0 and garment in FLAT, **how)
                start = time.process_time()
                try:
                    found = cut_out(shot.picture)
                    seconds.append(time.process_time() - start)
                    scores.append(overlap(found, shot.truth))
                except PhotoUnusable:
                    scores.append(0.0)
                else:
                    if case != "hole":  # a sleeve that lies on the body has no armpit to be found
                        proposed.append(off(garment, found, shot))
        detail = {"photographs": len(scores), "worst": round(min(scores), 4), "below": sum(s < GOOD for s in scores)}
        say(f"iou.{case}", float(np.mean(scores)), "iou", **detail, good=GOOD)
    say("keypoints", float(np.median(proposed)), "length", worst=round(max(proposed), 4), photographs=len(proposed))
    say("cpu", float(np.mean(seconds)), "s", photographs=len(seconds))


def off(garment: str, found: Bytes, shot: Photograph) -> float:
    """How far key points are proposed from an author's, in garment lengths, as a mean; 1: they could not be."""
    try:
        points, _ = propose(Wardrobe.demo()[garment].kind, found)
    except PhotoUnusable:
        return 1.0
    names = [name for name in points if name.startswith(NAMES) and name in shot.keypoints]
    away = [float(np.hypot(*(np.array(points[name]) - shot.keypoints[name]))) for name in names]
    rows, columns = np.nonzero(shot.truth > 0.5)
    return float(np.mean(away)) / max(np.ptp(rows), np.ptp(columns))


def say(name: str, value: float, unit: str, **detail: object) -> None:
    """One figure."""
    print(json.dumps({"name": f"cutout.{name}", "value": round(value, 4), "unit": unit, "detail": detail}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser("python -m bench.cutout", description=__doc__.partition("\n")[0])
    parser.add_argument("seed", nargs="?", type=int, default=40_000, help="of the photographs (%(default)s)")
    main(parser.parse_args().seed)
