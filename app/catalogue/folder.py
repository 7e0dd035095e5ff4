"""Where the merchant's products lie. Apart from the importer, because fitting workers need no database."""

from pathlib import Path

from app.config import Config

DEMO_FOLDER = Path(__file__).parents[2] / "demo" / "catalogue"


def catalogue_folder(config: Config) -> Path:
    """Where the merchant's products are: the demo's, or `catalogue` in the data folder."""
    return DEMO_FOLDER if config.demo else config.data / "catalogue"
