"""The log tells what happened to which id, and nothing about people."""

import json
import logging
import sys
from typing import Any

import pytest
from sqlalchemy import exc, text

from app import logs
from app.ledger.engine import Ledger
from app.logs import JsonLines

ADDRESS = "ada@example.org"


def written(**members: Any) -> dict[str, Any]:
    """A record as a line of JSON, read again."""
    record = logging.makeLogRecord({"name": "app.show.live", "levelno": logging.INFO, "levelname": "INFO", **members})
    found: dict[str, Any] = json.loads(JsonLines("web").format(record))
    return found


def test_a_line_says_when_who_and_about_what() -> None:
    assert written(created=1790000000.25, msg="%s is %s", args=("gala", "live"), event="gala", seq=7) == {
        "at": "2026-09-21T14:13:20.250Z", "level": "info", "role": "web", "from": "app.show.live",
        "message": "gala is live", "event": "gala", "seq": 7,
    }  # fmt: skip


def test_only_ids_come_along() -> None:
    assert not {"email", "name_of_customer"} & written(msg="sold", email=ADDRESS, name_of_customer="Ada").keys()


async def test_an_errors_words_stay_out_whichever_database_said_them(ledger: Ledger) -> None:
    async def refused() -> Any:
        async with ledger.write() as conn:
            await conn.exec_driver_sql("CREATE TABLE guests (email TEXT PRIMARY KEY)")
            for _ in range(2):
                await conn.execute(text("INSERT INTO guests VALUES (:email)"), {"email": ADDRESS})

    with pytest.raises(exc.IntegrityError) as caught:
        await refused()
    line = written(msg="unexpected error", exc_info=(caught.type, caught.value, caught.tb))
    assert line["error"] == "sqlalchemy.exc.IntegrityError"
    assert any(place.startswith("tests/app/test_logs.py:") for place in line["trace"])
    assert ADDRESS not in json.dumps(line)
    # The plain form shows the error's words; the statement's values are not among them.
    assert f"'{ADDRESS}'" not in str(caught.value)


@pytest.mark.parametrize("as_json", [True, False])
def test_every_line_of_a_process_has_the_form_that_was_asked_for(
    capsys: pytest.CaptureFixture[str], as_json: bool
) -> None:
    logs.begin("worker", as_json=as_json)
    logging.getLogger("app.duties").warning("%s waits: %s", "mail", "two\nlines", extra={"order": "ord_1"})
    sys.stderr.flush()
    said = capsys.readouterr().err
    if as_json:
        (line,) = said.splitlines()
        assert json.loads(line)["order"] == "ord_1" and json.loads(line)["role"] == "worker"
    else:
        assert "WARNING app.duties: mail waits: two\nlines" in said
