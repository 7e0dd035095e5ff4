"""What shoppers cost: processor time of pose and compositing, frames a second, memory, and whether it stays flat."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import cv2
import numpy as np
import psutil

from fitting import FittingSession, Wardrobe
from fitting.pose import Bytes, Pose
from fitting.tracker import PoseTracker
from tests.fitting import people

SHOPPER_FPS = 15
# Frames before a rate is taken, and those of which it is taken.
WARM, TIMED = 10, 60
PATIENCE_S = 120


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


def speed(model: str) -> None:
    """CPU of pose and compositing at two sizes, frames a second on one core."""
    cv2.setNumThreads(1)  # as a worker of the mirror: OpenCV's own threads wait busily beside the one that draws
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
    together(model)


def together(model: str) -> None:
    """Frames a second by the clock of as many processes as there are cores, two at most, that start as one."""
    cores = min(2, os.cpu_count() or 1)
    spawn = multiprocessing.get_context("spawn")
    start, rates = spawn.Barrier(cores), spawn.Queue()
    shoppers = [spawn.Process(target=rate, args=(model, start, rates)) for _ in range(cores)]
    for shopper in shoppers:
        shopper.start()
    total = sum(rates.get(timeout=PATIENCE_S) for _ in shoppers)
    for shopper in shoppers:
        shopper.join()
    say(f"frames_together.{model}.480p", total, "frames/s", processes=cores)


def rate(model: str, start: Barrier, rates: Queue[float]) -> None:
    """Puts the frames a second of this process into the queue, 640x480."""
    cv2.setNumThreads(1)
    frame = people.picture("a_pose")
    with FittingSession(Wardrobe.demo(), model=model) as session:
        session.wear(["tee"])
        for i in range(WARM + TIMED):
            if i == WARM:
                start.wait(PATIENCE_S)
                begun = time.perf_counter()
            session.process(np.asarray(np.roll(frame, i % 7, axis=1), np.uint8), 33 * i)
    rates.put(TIMED / (time.perf_counter() - begun))


def memory(model: str) -> None:
    """Resident memory of each further shopper in a process of their own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        sizes = pool.submit(grown, model).result()
    say(f"memory_a_shopper.{model}", float(np.diff(sizes).mean()), "MiB", process_mib=round(sizes[0]))


def grown(model: str) -> list[float]:
    """This process's memory in MiB with one to four shoppers."""
    frame, wardrobe = people.picture("a_pose"), Wardrobe.demo()
    sessions, sizes = [], []
    for _ in range(4):
        session = FittingSession(wardrobe, model=model)
        session.wear(["tee"])
        for k in range(4):
            session.process(frame, 33 * k)
        sessions.append(session)
        sizes.append(psutil.Process().memory_info().rss / 2**20)
    for session in sessions:
        session.close()
    return sizes


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
