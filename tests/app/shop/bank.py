"""A provider with a memory, against which a shop's orders and refunds are counted."""

from app.payments.provider import (
    ActionRequired,
    Approved,
    Charge,
    Declined,
    Outcome,
    Pending,
    Processing,
    ProviderDown,
    RefundRefused,
    Standing,
    Told,
    Unknown,
)

# `lost-`: the bank has done it and its answer never arrives.
MOODS = ["approved", "declined", "action", "pending", "processing", "lost-approved", "lost-action"]


class Bank:
    """A provider with a memory: what it charged and gave back, by attempt; `mood` is what it does next."""

    def __init__(self) -> None:
        self.payments: dict[str, str] = {}
        self.charged: dict[str, int] = {}
        self.returned: dict[str, int] = {}
        # What customers had their own banks take back, by attempt.
        self.disputes: dict[str, Told] = {}
        # What was paid under each, and which were refused: it gives the same answer again.
        self.keys: dict[str, int] = {}
        self.refused: set[str] = set()
        self.mood = "approved"
        self.away = False
        self.refuses = False

    async def start(self, charge: Charge) -> Outcome:
        if self.away:
            raise ProviderDown("away")
        if charge.attempt not in self.payments:
            self.move(charge.attempt, self.mood.removeprefix("lost-"), charge.amount)
            if self.mood.startswith("lost-"):
                raise ProviderDown("the answer is lost")
        return self._told(charge)

    async def payer(self, token: str) -> str | None:
        return None

    async def status(self, charge: Charge) -> Outcome:
        if self.away:
            raise ProviderDown("away")
        return self._told(charge) if charge.attempt in self.payments else Unknown()

    async def cancel(self, charge: Charge) -> Outcome:
        if self.away:
            raise ProviderDown("away")
        if self.payments.get(charge.attempt, "action") in ("action", "pending"):
            self.payments[charge.attempt] = "declined"
        return self._told(charge)

    async def refund(self, charge: Charge, amount: int, key: str) -> None:
        if self.away:
            raise ProviderDown("away")
        if key in self.refused:
            raise RefundRefused("no, as before")
        try:
            self._refund(charge, amount, key)
        except RefundRefused:
            self.refused.add(key)
            raise

    def _refund(self, charge: Charge, amount: int, key: str) -> None:
        disputed = self.disputes.get(charge.attempt)
        if self.refuses or (disputed and disputed.standing == Standing.OPEN):
            raise RefundRefused("no money today")
        if self.keys.get(key, amount) != amount:
            raise RefundRefused("this key stands for another amount")
        if key not in self.keys:
            if amount > self.left(charge.attempt):
                raise RefundRefused("not so much is left")
            self.keys[key] = amount
            self.returned[charge.attempt] = self.returned.get(charge.attempt, 0) + amount

    async def dispute(self, id_: str) -> Told | None:
        if self.away:
            raise ProviderDown("away")
        return self.disputes.get(id_.removeprefix("dp_"))

    def taken(self, attempt: str) -> int:
        told = self.disputes.get(attempt)
        return told.amount if told and told.standing == Standing.LOST else 0

    def left(self, attempt: str) -> int:
        """What of an attempt's money is still the shop's."""
        return self.charged.get(attempt, 0) - self.returned.get(attempt, 0) - self.taken(attempt)

    def move(self, attempt: str, state: str, amount: int = 0) -> None:
        self.payments[attempt] = state
        if state == "approved":
            assert attempt not in self.charged, "charged twice"
            self.charged[attempt] = amount

    def _told(self, charge: Charge) -> Outcome:
        outcomes: dict[str, Outcome] = {
            "approved": Approved(charge.attempt), "declined": Declined("declined"),
            "action": ActionRequired("/bank", charge.attempt), "pending": Pending(charge.attempt),
            "processing": Processing(charge.attempt),
        }  # fmt: skip
        return outcomes[self.payments[charge.attempt]]
