"""The frame socket with a real fitting worker behind it."""

import asyncio
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiohttp import WSServerHandshakeError

from app.customers.cookie import NAME, Cookies, Session
from app.ledger.clock import now_ms
from app.mirror.conduct import MISTAKES_MAX
from app.mirror.mirrors import CODE_REPLACED
from app.mirror.socket import MESSAGE_BYTES_MAX
from tests.app.mirror.conftest import Client, Open, WorkerProcess, jpeg, person_frames, picture

PERSON = person_frames()


@pytest.fixture
def data(worker: WorkerProcess) -> Path:
    return worker.socket.parents[1]


def cookie(shopper: str) -> dict[str, str]:
    return {"Cookie": f"{NAME}={Cookies('s' * 32).write(Session('shp_' + shopper * 22, now_ms()))}"}


async def test_a_shopper_sees_themselves_in_a_garment(browse: Open) -> None:
    browser = await browse()
    assert await browser.told(state="ok") == {"state": "ok"}
    await browser.say(wear=["tee"])
    await browser.told(wearing=["tee"])
    for number in range(6):
        await browser.send(PERSON[number])
        sequence, timestamp_ms, answer = await browser.answer()
        assert (sequence, timestamp_ms) == (number, (number + 1) * 40)
    before, after = picture(PERSON[5]), picture(answer)
    assert before.shape == after.shape
    changed = np.abs(before.astype(int) - after).max(axis=2) > 40
    assert 0.03 < changed.mean() < 0.5
    # The garment is on the torso, not in the corners.
    assert changed[:, :40].mean() < 0.01

    await browser.say(wear=[])
    await browser.told(wearing=[])
    await browser.send(PERSON[6])
    _, _, bare = await browser.answer()
    assert (np.abs(picture(PERSON[6]).astype(int) - picture(bare)).max(axis=2) > 40).mean() < 0.01


async def test_the_picture_is_mirrored_on_request(browse: Open) -> None:
    browser = await browse()
    await browser.say(mirror=True)
    await browser.send(PERSON[0])
    _, _, answer = await browser.answer()
    expected = cv2.flip(picture(PERSON[0]), 1)
    assert np.abs(expected.astype(int) - picture(answer)).mean() < 3


async def test_an_empty_picture_comes_back_as_it_was_with_a_word(browse: Open) -> None:
    browser = await browse()
    await browser.told(state="ok")
    empty = jpeg(640, 480)
    for _ in range(12):
        await browser.send(empty)
        _, _, answer = await browser.answer()
        assert np.abs(picture(empty).astype(int) - picture(answer)).max() <= 3
    await browser.told(state="no-person")


async def test_who_says_how_tall_they_are_is_advised_on_what_they_wear(browse: Open) -> None:
    browser = await browse()
    await browser.say(wear=["tee"], height_cm=178)
    await browser.send(PERSON[0])
    while not (advised := [text for text in browser.texts if "advice" in text]):
        await browser.send(PERSON[browser.sequence])
        await browser.answer()
    (advice,) = advised[0]["advice"]
    assert advice["garment"] == "tee"
    assert advice["reason"]


async def test_the_size_of_the_picture_may_change(browse: Open) -> None:
    browser = await browse()
    await browser.say(wear=["tee"])
    for width, height in ((640, 480), (480, 360), (360, 640), (640, 480)):
        small = cv2.imencode(".jpg", cv2.resize(picture(PERSON[0]), (width, height)))[1].tobytes()
        await browser.send(small)
        _, _, answer = await browser.answer()
        assert picture(answer).shape == (height, width, 3)


async def test_an_unknown_garment_is_named_and_what_is_worn_stays(browse: Open) -> None:
    browser = await browse()
    await browser.say(wear=["tee"])
    await browser.told(wearing=["tee"])
    await browser.say(wear=["cloak-of-invisibility"])
    refusal = await browser.told(error="unknown-garment")
    assert refusal["detail"]
    assert refusal["wearing"] == ["tee"]
    await browser.send(PERSON[0])
    assert (await browser.answer())[0] == 0
    await browser.say(wear=["tee", "hat"])
    await browser.told(wearing=["tee", "hat"])


async def test_an_unknown_garment_before_the_first_frame_is_named_too(browse: Open) -> None:
    browser = await browse()
    await browser.say(wear=["cloak-of-invisibility"])
    await browser.told(error="unknown-garment")
    await browser.send(PERSON[0])
    await browser.answer()


async def test_what_cannot_be_used_is_answered_and_the_socket_goes_on(browse: Open) -> None:
    browser = await browse()
    vast = jpeg()
    vast = vast.replace(b"\x00\x60\x00\x80", b"\x4e\x20\x4e\x20", 1)
    good = jpeg()
    scan = good.index(b"\xff\xda")
    bad = {
        "not-a-jpeg": b"garbage",
        "too-many-pixels": vast,
        "not-baseline": jpeg(128, 96, 90, cv2.IMWRITE_JPEG_PROGRESSIVE, 1),
        "too-many-scans": good[:scan] + good[scan:-2] * 200 + b"\xff\xd9",
        "damaged": good[:-20],
        "too-large": good + b"\x00" * 600_000,
    }
    for number, (slug, data) in enumerate(bad.items()):
        await browser.send(data, sequence=100 + number)
        assert await browser.told(error=slug) == {"error": slug, "sequence": 100 + number}
    await browser.socket.send_bytes(b"\x00\x00\x00")
    assert await browser.told(error="too-short") == {"error": "too-short"}
    await browser.socket.send_str("a text where a picture is due")
    await browser.told(error="not-json")
    await browser.socket.send_str('{"wear": 3}')
    await browser.told(error="bad-control")
    await browser.send(PERSON[0], sequence=1, timestamp_ms=50)
    assert (await browser.answer())[:2] == (1, 50)
    await browser.send(PERSON[1], sequence=2, timestamp_ms=50)
    assert await browser.told(error="timestamp-not-increasing") == {"error": "timestamp-not-increasing", "sequence": 2}
    await browser.send(PERSON[1], sequence=3, timestamp_ms=51)
    assert (await browser.answer())[0] == 3


async def test_a_picture_that_only_the_decoder_finds_damaged_is_answered(browse: Open) -> None:
    browser = await browse()
    data = bytearray(jpeg(640, 480))
    at = data.index(b"\xff\xc4") + 5
    data[at : at + 16] = b"\xff" * 16  # a Huffman table that promises more codes than there can be
    await browser.send(bytes(data).replace(b"\xff" * 16, b"\x7f" * 16))
    message = await browser.told(sequence=0)
    assert message["error"] == "damaged"
    await browser.send(PERSON[0])
    await browser.answer()


async def test_abuse_closes_the_socket(browse: Open) -> None:
    browser = await browse()
    for _ in range(int(MISTAKES_MAX) + 5):
        await browser.send(b"garbage")
    assert await browser.closed() == 1008


async def test_a_message_beyond_all_measure_closes_the_socket(browse: Open) -> None:
    browser = await browse()
    await browser.socket.send_bytes(b"\x00" * (MESSAGE_BYTES_MAX + 1))
    assert await browser.closed() == 1009


async def test_a_second_socket_replaces_the_first_of_the_same_shopper_only(browse: Open) -> None:
    first, other = await browse(headers=cookie("a")), await browse(headers=cookie("b"))
    second = await browse(headers=cookie("a"))
    assert await first.closed() == CODE_REPLACED
    for browser in (second, other):
        await browser.send(PERSON[0])
        await browser.answer()


async def test_a_page_of_another_site_gets_no_mirror(client: Client, browse: Open) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await browse(headers={"Origin": "https://elsewhere.example", **cookie("a")})
    assert refused.value.status == 403
    await browse(headers={"Origin": f"http://{client.host}:{client.port}"})


async def test_a_plain_request_is_told_that_this_is_a_socket(client: Client) -> None:
    assert (await client.get("/fitting/socket")).status == 400


async def test_a_flood_of_frames_is_answered_with_the_newest_and_no_queue_grows(browse: Open) -> None:
    browser = await browse()
    await browser.told(state="ok")
    for number in range(40):
        await browser.send(PERSON[number])
    answered: list[int] = []
    while not answered or answered[-1] < 39:
        answered.append((await browser.answer())[0])
    assert answered == sorted(answered)
    assert len(answered) < 20


async def test_two_shoppers_get_their_own_pictures(browse: Open) -> None:
    first, second = await browse(), await browse()
    for browser, garment in ((first, "tee"), (second, "dress")):
        await browser.say(wear=[garment])
        await browser.told(wearing=[garment])
    for number in range(5):
        await asyncio.gather(first.send(PERSON[number]), second.send(PERSON[number]))
        (_, _, one), (_, _, two) = await asyncio.gather(first.answer(), second.answer())
    difference = np.abs(picture(one).astype(int) - picture(two)).max(axis=2) > 40
    assert difference.mean() > 0.03


async def test_a_killed_worker_is_replaced_by_another_in_the_same_clothes(
    browse: Open, worker: WorkerProcess, data: Path
) -> None:
    doomed = WorkerProcess(data, 1)
    await asyncio.to_thread(doomed.wait_until_ready)
    # The package's worker looks fuller while somebody stands there, so the next shopper goes to the other one.
    await (await browse()).told(state="ok")
    browser = await browse()
    await browser.say(wear=["dress"])
    await browser.told(wearing=["dress"])
    await browser.send(PERSON[0])
    await browser.answer()
    doomed.process.kill()
    doomed.process.wait()
    await browser.told(state="ok")
    await browser.told(wearing=["dress"])
    for number in range(1, 5):
        await browser.send(PERSON[number])
        sequence, _, answer = await browser.answer()
        assert sequence == number
    changed = np.abs(picture(PERSON[4]).astype(int) - picture(answer)).max(axis=2) > 40
    assert changed.mean() > 0.03
