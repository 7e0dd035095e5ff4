"""Every garment of the demo's wardrobe on eight people: `python -m tests.fitting.contact_sheet`, to be looked at."""

from pathlib import Path

import cv2
import numpy as np

from fitting import FittingSession, Wardrobe
from fitting.merchant import PEOPLE
from fitting.pose import Bytes
from tests.fitting import people

SHEET = Path(__file__).parents[2] / "docs" / "screens" / "garments.webp"
# A cell's width and height in pixels, and how often a picture is shown until nothing moves any more.
WIDTH, HEIGHT, SHOWN = 160, 200, 4


def cell(picture: Bytes) -> Bytes:
    """The middle of a picture in the sheet's size."""
    height, width = picture.shape[:2]
    half = min(width, height * WIDTH // HEIGHT) // 2
    middle = picture[:, width // 2 - half : width // 2 + half]
    return np.asarray(cv2.resize(middle, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA), np.uint8)


def worn(wardrobe: Wardrobe, garment: str, picture: Bytes) -> Bytes:
    """A person in one garment."""
    with FittingSession(wardrobe, model="full") as session:
        session.wear([garment])
        for moment in range(SHOWN):
            fitted = session.process(picture, moment * 40)
    return fitted.frame


def main() -> None:
    """Draw the sheet: a row a garment, a column a person."""
    wardrobe = Wardrobe.demo()
    everybody = [people.picture(name) for name in people.NAMES]
    everybody += [np.asarray(cv2.imread(str(path)), np.uint8) for path in sorted(PEOPLE.glob("*.jpg"))]
    rows = [np.hstack([cell(worn(wardrobe, garment, person)) for person in everybody]) for garment in wardrobe]
    cv2.imwrite(str(SHEET), np.vstack(rows), [cv2.IMWRITE_WEBP_QUALITY, 72])


if __name__ == "__main__":
    main()
