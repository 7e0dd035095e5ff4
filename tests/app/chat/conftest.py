"""The chat is tested with the show around it."""

from tests.app.show.conftest import closed_house, house, stocked_file

__all__ = ["closed_house", "house", "stocked_file"]
