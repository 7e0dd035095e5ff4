"""Repeating a request must be safe: the same key and body get the same answer. The rules, without I/O."""

import hashlib
import re

from msgspec import Struct

from app.errors import PROBLEM_JSON, BadRequest, Conflict, Problem, Unprocessable, document

KEY_MAX = 255
_KEY = re.compile(rf"[\x21-\x7e]{{1,{KEY_MAX}}}")


class KeyMissing(BadRequest):
    """The request moves stock or money and carries no usable key."""

    slug = "idempotency-key-missing"
    title = "An Idempotency-Key is needed"


class KeyReused(Unprocessable):
    """The key was used for another body."""

    slug = "idempotency-key-reused"
    title = "This key belongs to another request"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used with another body; take a new key for a new request.")


class InProgress(Conflict):
    """The first request with this key has no answer yet."""

    slug = "in-progress"
    title = "Still working on it"

    def __init__(self) -> None:
        super().__init__(
            "The first request with this Idempotency-Key is still being worked on; ask again in a second.",
            headers={"Retry-After": "1"},
        )


class Answer(Struct, frozen=True):
    """An answer that can be given again word for word."""

    status: int
    body: str

    @property
    def content_type(self) -> str:
        """A refusal is a problem document."""
        return PROBLEM_JSON if self.status >= 400 else "application/json"


def idempotency_key(header: str | None) -> str:
    """The request's key. Raises KeyMissing."""
    if header is None or not _KEY.fullmatch(header):
        raise KeyMissing(
            f"Send an Idempotency-Key of 1 to {KEY_MAX} printable ASCII characters, such as a UUID, and repeat it only "
            "when you repeat the request."
        )
    return header


def fingerprint(body: bytes) -> str:
    """What tells one body from another."""
    return hashlib.sha256(body).hexdigest()


def refusal(problem: Problem) -> Answer:
    """A refusal as an answer that can be kept."""
    body = document(problem.status, problem.slug, problem.title, problem.detail, problem.extra)
    return Answer(problem.status, body.decode())
