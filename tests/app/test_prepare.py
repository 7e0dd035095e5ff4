"""What an operator reads when the ledger cannot be prepared."""

from pathlib import Path

import pytest

from app.config import Config
from app.errors import Unavailable
from app.prepare import run


def test_a_database_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    config = Config(data=tmp_path, database_url="postgresql://shop:hidden@127.0.0.1:1/shop")
    with pytest.raises(Unavailable, match=r"127\.0\.0\.1 does not answer; is DATABASE_URL right") as refused:
        run(config)
    assert "hidden" not in str(refused.value)
