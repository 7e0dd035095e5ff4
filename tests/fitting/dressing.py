"""A person of the tests with garments on."""

from fitting import Wardrobe
from fitting.body import body_of
from fitting.compositing import Compositor
from fitting.geometry import place
from fitting.pose import Bytes, Pose
from fitting.silhouette import Silhouette
from tests.fitting import people


def dressed(
    outfit: list[str], person: str, strength: float = 1.0, frame: Bytes | None = None, pose: Pose | None = None
) -> tuple[Bytes, Bytes]:
    body, wardrobe = body_of(pose or people.pose(person)), Wardrobe.demo()
    frame = people.picture(person) if frame is None else frame
    silhouette, compositor = Silhouette(body), Compositor()
    placements = [place(wardrobe[name], body, silhouette, lambda points: points) for name in outfit]
    for _ in range(3):
        result = compositor.compose(frame, body, placements, 0.033, strength)
    return result
