"""The fitting room's quality on generated people with a known truth, its calm, its speed and memory; JSON lines.

Lengths are in per cent of the shoulder width. CPU times are process CPU, pose and compositing apart; on a busy machine
compare the ratio of the two. The still people are those of tests/fitting/data, the film lies in bench/film.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np

from bench._shoppers import memory, say, soak, speed
from bench._worn import Score, middle
from fitting import FittingSession, Wardrobe
from fitting.body import body_of
from fitting.pose import Floats
from tests.fitting import people

MODELS = ("lite", "full")
FILM = Path(__file__).parent / "film"
FILM_FPS = 30
# A still picture is shown this often before it is judged; of a film this many first frames are not for its calm.
SETTLE, SETTLED = 6, 10


def told(score: Score, model: str, kind: str) -> None:
    """Every figure of a score."""
    for name, value in score.figures().items():
        say(f"{name}.{model}.{kind}", value, "% of shoulder width" if name == "boundary" else "share")


def stills(model: str) -> None:
    """Still pictures against the truth."""
    score = Score()
    for name in people.NAMES:
        frame, mask = people.picture(name), people.mask(name)
        with FittingSession(Wardrobe.demo(), model=model) as session:
            session.wear(["tee"])
            for i in range(SETTLE):
                fitted = session.process(frame, 33 * i)
        scale = body_of(fitted.pose).scale if fitted.pose else 100.0
        score.add(mask, fitted.garment_mask, scale, frame, fitted.frame)
    told(score, model, "stills")


def film(model: str) -> None:
    """A person who moves: as well worn, how calm, how late."""
    truth = np.load(FILM / "truth.npz")
    score, path, true = Score(), [], []
    capture = cv2.VideoCapture(str(FILM / "person.mp4"))
    with FittingSession(Wardrobe.demo(), model=model) as session:
        session.wear(["tee"])
        for i, (mask, shoulders) in enumerate(zip(truth["masks"], truth["shoulders"], strict=True)):
            read, picture = capture.read()
            assert read
            frame = np.asarray(picture, np.uint8)
            fitted = session.process(frame, round(1000 * i / FILM_FPS))
            score.add(mask, fitted.garment_mask, float(shoulders), frame, fitted.frame)
            path.append(middle(fitted.garment_mask > 127, mask))
            true.append(middle(np.isin(mask & 15, people.SHIRT), mask))
    told(score, model, "film")
    where, aim = np.array(path)[SETTLED:], np.array(true)[SETTLED:]
    seen = ~np.isnan(where + aim).any(axis=1)
    away = (where - aim)[seen]
    jitter = float(np.sqrt((np.diff(away, 2, axis=0) ** 2).sum(1).mean()))
    say(f"jitter.{model}.film", jitter, "px", note="RMS second difference of the garment's centroid from the true one")
    say(f"lag.{model}.film", lag(where[seen, 0], aim[seen, 0]) * 1000 / FILM_FPS, "ms")


def lag(path: Floats, truth: Floats) -> float:
    """By how many frames a path follows the true one: the shift at which they differ least."""
    shifts, n = np.arange(-2, 6, 0.1), np.arange(len(truth))
    costs = [np.std(path[8:-8] - np.interp(n[8:-8] - shift, n, truth)) for shift in shifts]
    return float(shifts[int(np.argmin(costs))])


def calm(model: str) -> None:
    """A person who stands still before a noisy camera."""
    frame = people.picture("a_pose").astype(np.float32)
    rng = np.random.default_rng(0)
    path = []
    with FittingSession(Wardrobe.demo(), model=model) as session:
        session.wear(["tee"])
        for i in range(60):
            noisy = np.clip(frame + rng.normal(0, 3, frame.shape), 0, 255).astype(np.uint8)
            rows, columns = np.nonzero(session.process(noisy, 33 * i).garment_mask > 127)
            path.append((columns.mean(), rows.mean()))
    jitter = float(np.sqrt((np.diff(np.array(path)[15:], 2, axis=0) ** 2).sum(1).mean()))
    say(f"still_jitter.{model}", jitter, "px", note="RMS second difference of the garment's centroid")


def main() -> None:
    """Every figure, or the soak."""
    parser = argparse.ArgumentParser("python -m bench.fitting", description=__doc__.partition("\n")[0])
    parser.add_argument("soak", nargs="?", choices=["soak"], help="shoppers join and leave; memory must stay flat")
    parser.add_argument("minutes", nargs="?", type=float, default=10.0, help="of the soak (%(default)s)")
    asked = parser.parse_args()
    if asked.soak:
        soak(asked.minutes)
        return
    for model in MODELS:
        stills(model)
        film(model)
        calm(model)
        speed(model)
        memory(model)


if __name__ == "__main__":
    main()
