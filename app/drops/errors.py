"""What can stand between a shopper and a hold, each with a sentence that says what to do."""

from app.errors import Conflict, NotFound, Problem, Unavailable, Unprocessable


class UnknownDrop(NotFound):
    """There is no such drop."""

    def __init__(self) -> None:
        super().__init__("There is no such drop; look at the show again.")


class UnknownHold(NotFound):
    """There is no such hold, or it is somebody else's."""

    def __init__(self) -> None:
        super().__init__("There is no such reservation of yours.")


class SoldOut(Conflict):
    """Nothing is left to hold at this moment."""

    slug = "sold-out"
    title = "Sold out"


class LimitReached(Conflict):
    """The shopper has, or asks for, more than the drop allows each customer."""

    slug = "limit-reached"
    title = "That is all one person may have"


class NotOpen(Problem):
    """The drop has not opened yet."""

    status = 425
    slug = "not-open"
    title = "Not open yet"


class Busy(Unavailable):
    """Too many wait at the door, or a part behind it is away; nothing was taken."""

    slug = "busy"
    title = "Very busy right now"

    def __init__(self, detail: str = "Very many people are asking right now; please try again in a moment.") -> None:
        super().__init__(detail)


class InProgress(Conflict):
    """The first request with this key is not answered yet."""

    slug = "in-progress"
    title = "Already on its way"

    def __init__(self) -> None:
        super().__init__(
            "The same request is still being worked on; ask again in a moment.", headers={"Retry-After": "1"}
        )


class KeyReused(Unprocessable):
    """The key belongs to a request with another body."""

    slug = "idempotency-key-reused"

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key belongs to another request; use a new key.")


class HoldExpired(Problem):
    """A hold is over, and its units may be somebody else's by now."""

    status = 410
    slug = "hold-expired"
    title = "The reservation has expired"

    def __init__(self, holds: list[str]) -> None:
        super().__init__("Your reservation has expired; ask for the item again.", holds=holds)


class BeingPaid(Conflict):
    """A hold cannot be given back while a payment for it is under way."""

    slug = "being-paid"

    def __init__(self) -> None:
        super().__init__("This reservation is being paid right now; wait for the payment to finish.")


class NotEnoughStock(Conflict):
    """A drop cannot be made of units that are not there."""

    slug = "not-enough-stock"
    title = "Not enough stock"
