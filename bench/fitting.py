"""The fitting room's quality on generated people with a known truth, its calm, its speed and memory; JSON lines.

Run: python -m bench.fitting            about a minute
     python -m bench.fitting soak [MINUTES]   4 shoppers joining and leaving; memory must stay flat

Lengths are in per cent of the shoulder width. CPU times are process CPU, pose and compositing apart; on a busy machine
compare the ratio of the two. The people are those of tests/fitting/data.
"""

from __future__ import annotations

import json
import sys
import time

import cv2
import numpy as np
import psutil

from fitting import FittingSession, Wardrobe
from fitting.body import body_of
from fitting.pose import Bytes, Pose
from fitting.tracker import PoseTracker
from tests.fitting import people

SETTLE = 6
MODELS = ("lite", "full")
SHOPPER_FPS = 15


class Timed:
    """A tracker that keeps its own CPU time apart."""

    def __init__(self, model: str) -> None:
        self._tracker = PoseTracker(model)
        self.seconds = 0.0

    def track(self, frame: Bytes, timestamp_ms: int) -> Pose | None:
        """The person, timed."""
        start = time.process_time()
        try:
            return self._tracker.track(frame, timestamp_ms)
        finally:
            self.seconds = time.process_time() - start

    def close(self) -> None:
        """Gives the model back."""
        self._tracker.close()


def say(name: str, value: float, unit: str, **detail: object) -> None:
    """One figure."""
    print(json.dumps({"name": f"fitting.{name}", "value": round(value, 4), "unit": unit, "detail": detail}), flush=True)


def outline_distance(a: Bytes, b: Bytes) -> float:
    """Mean symmetric distance in pixels between the outlines of two masks."""
    edges = [(m > 0) & (np.asarray(cv2.erode(m, np.ones((3, 3), np.uint8))) == 0) for m in (a, b)]
    far = [cv2.distanceTransform((~edge).astype(np.uint8), cv2.DIST_L2, 5) for edge in edges]
    return float((far[1][edges[0]].mean() + far[0][edges[1]].mean()) / 2)


def quality(model: str) -> None:
    """Still pictures against the truth."""
    rows: dict[str, list[float]] = {}
    for name in people.NAMES:
        frame, truth = people.picture(name), people.truth(name)
        with FittingSession(Wardrobe.demo(), model=model) as session:
            session.wear(["tee"])
            for i in range(SETTLE):
                fitted = session.process(frame, 33 * i)
        shirt, garment = np.isin(truth, people.SHIRT), fitted.garment_mask > 127
        scale = body_of(fitted.pose).scale if fitted.pose else 100.0
        far = cv2.dilate((fitted.garment_mask > 0).astype(np.uint8), np.ones((61, 61), np.uint8)) == 0
        figures = {
            "iou": people.overlap(garment, shirt),
            "boundary": 100 * outline_distance(garment.astype(np.uint8), shirt.astype(np.uint8)) / scale,
            "uncovered": float((shirt & ~garment).sum() / shirt.sum()),
            "untouched": float((fitted.frame[far] == frame[far]).mean()),
        }
        for key, value in figures.items():
            rows.setdefault(key, []).append(value)
    for key, values in rows.items():
        say(f"{key}.{model}", float(np.mean(values)), "% of shoulder width" if key == "boundary" else "share")


def motion(model: str) -> None:
    """A person who stands still before a noisy camera, then one who is carried from side to side."""
    frame = people.picture("a_pose")
    rng = np.random.default_rng(0)
    for moving in (False, True):
        path, truth = [], []
        with FittingSession(Wardrobe.demo(), model=model) as session:
            session.wear(["tee"])
            for i in range(75):
                shift = 50 * float(np.sin(2 * np.pi * i / 45)) if moving else 0.0
                matrix = np.array([[1, 0, shift], [0, 1, 0]], np.float32)
                moved = cv2.warpAffine(frame, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
                noisy = np.clip(moved + rng.normal(0, 3, moved.shape), 0, 255).astype(np.uint8)
                mask = session.process(noisy, 33 * i).garment_mask
                rows, columns = np.nonzero(mask > 127)
                path.append((columns.mean(), rows.mean()))
                truth.append((shift, 0.0))
        where, true = np.array(path)[15:], np.array(truth)[15:]
        if moving:
            shifts = np.arange(-2, 6, 0.1)
            n = np.arange(len(true))
            costs = [np.std(where[6:-6, 0] - np.interp(n[6:-6] - s, n, true[:, 0])) for s in shifts]
            say(f"lag.{model}", float(shifts[int(np.argmin(costs))]) * 1000 / 30, "ms")
        else:
            jitter = float(np.sqrt((np.diff(where, 2, axis=0) ** 2).sum(1).mean()))
            say(f"still_jitter.{model}", jitter, "px", note="RMS second difference of the garment's centroid")


def speed(model: str) -> None:
    """CPU of pose and compositing at two sizes, frames a second on one core."""
    for width, height in ((640, 480), (1280, 720)):
        frame = cv2.resize(
            people.picture("a_pose")[:360] if height == 720 else people.picture("a_pose"), (width, height)
        )
        tracker = Timed(model)
        pose, rest = [], []
        with FittingSession(Wardrobe.demo(), tracker=tracker) as session:
            session.wear(["tee"])
            for i in range(50):
                moved = np.roll(frame, i % 7, axis=1)
                start = time.process_time()
                session.process(np.asarray(moved, np.uint8), 33 * i)
                pose.append(tracker.seconds)
                rest.append(time.process_time() - start - tracker.seconds)
        a, b = 1000 * float(np.median(pose[10:])), 1000 * float(np.median(rest[10:]))
        size = f"{height}p"
        say(f"compositing_cpu.{model}.{size}", b, "ms", pose_cpu_ms=round(a, 2), ratio_to_pose=round(b / a, 3))
        say(f"frames_a_core.{model}.{size}", 1000 / (a + b), "frames/s")
        say(f"shoppers_a_core.{model}.{size}", 1000 / (a + b) / SHOPPER_FPS, "shoppers", fps=SHOPPER_FPS)


def memory() -> None:
    """Resident memory of each further shopper in a process."""
    process = psutil.Process()
    frame = people.picture("a_pose")
    sessions, sizes = [], []
    for i in range(4):
        session = FittingSession(Wardrobe.demo(), model="lite")
        session.wear(["tee"])
        for k in range(4):
            session.process(frame, 33 * k + i)
        sessions.append(session)
        sizes.append(process.memory_info().rss / 2**20)
    for session in sessions:
        session.close()
    say("memory_a_shopper.lite", float(np.diff(sizes).mean()), "MiB", process_mib=round(sizes[0]))


def soak(minutes: float) -> None:
    """Four shoppers who join, try things on and leave, again and again."""
    wardrobe, process = Wardrobe.demo(), psutil.Process()
    outfits = [["tee"], ["trousers", "shirt", "jacket", "hat"], ["dress", "glasses"], ["skirt", "blouse", "coat"]]
    end, sizes, visits = time.monotonic() + 60 * minutes, [], 0
    while time.monotonic() < end:
        sessions = [FittingSession(wardrobe, model="lite") for _ in range(4)]
        for i in range(12):
            for k, session in enumerate(sessions):
                if i % 4 == 0:
                    session.wear(outfits[(i // 4 + k + visits) % 4])
                session.process(people.picture(people.NAMES[(i + k) % 5]), 33 * i)
        for session in sessions:
            session.close()
        visits += 4
        sizes.append(process.memory_info().rss / 2**20)
    half = len(sizes) // 2
    growth = float(np.mean(sizes[half:]) - np.mean(sizes[max(1, half // 4) : half])) if half > 2 else 0.0
    say("soak_growth", growth, "MiB", visits=visits, minutes=minutes, first=round(sizes[0]), last=round(sizes[-1]))


def main(arguments: list[str]) -> None:
    """Every figure, or the soak."""
    if arguments[:1] == ["soak"]:
        soak(float(arguments[1]) if len(arguments) > 1 else 10.0)
        return
    for model in MODELS:
        quality(model)
        motion(model)
        speed(model)
    memory()


if __name__ == "__main__":
    main(sys.argv[1:])
