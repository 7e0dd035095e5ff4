"""Why an order cannot be placed although it is well formed."""

from collections.abc import Sequence

from app.errors import Conflict, Problem


class SoldOut(Conflict):
    """Fewer units are left than were asked for."""

    slug = "sold-out"
    title = "Somebody was faster"

    def __init__(self, gone: Sequence[tuple[str, int]]) -> None:
        lines = [{"variant": variant, "left": max(0, left)} for variant, left in gone]
        super().__init__("There are not that many left, and nothing was charged; change your order.", lines=lines)


class LimitReached(Conflict):
    """The customer has had their share of a drop."""

    slug = "limit-reached"
    title = "One customer, one share"

    def __init__(self, drop: str) -> None:
        super().__init__("This customer has had their share of the drop; nothing was charged.", drop=drop)


class EmailUnconfirmed(Conflict):
    """A drop wants to know that the e-mail address is the customer's, and nobody has shown it."""

    slug = "email-unconfirmed"
    title = "Confirm your e-mail address first"

    def __init__(self) -> None:
        super().__init__(
            "This drop wants a confirmed e-mail address: have a code sent (/api/me/email), confirm, and order again."
        )


class PaymentDeclined(Problem):
    """The provider said no."""

    status = 402
    slug = "payment-declined"
    title = "The payment was declined"

    def __init__(self) -> None:
        super().__init__("The payment was declined and nothing was charged; try another one with a new key.")
