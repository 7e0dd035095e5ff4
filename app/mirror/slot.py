"""Where a frame waits: one place, and the newest takes it. So a delay can never grow into a queue."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Slot(Generic[T]):
    """At most one item is being worked on and one waits; a newer one replaces the waiting one."""

    __slots__ = ("_waiting", "replaced", "working")

    def __init__(self) -> None:
        self._waiting: T | None = None
        self.working = False
        self.replaced = 0

    @property
    def ready(self) -> bool:
        """Whether `take` would give something."""
        return self._waiting is not None and not self.working

    def put(self, item: T) -> None:
        """Offer the newest item."""
        if self._waiting is not None:
            self.replaced += 1
        self._waiting = item

    def take(self) -> T:
        """The waiting item, which is now being worked on. Only when `ready`."""
        if self._waiting is None or self.working:
            raise LookupError("nothing can be taken now")
        item, self._waiting = self._waiting, None
        self.working = True
        return item

    def done(self) -> None:
        """The item that was taken is finished."""
        self.working = False

    def clear(self) -> None:
        """Forget what waits."""
        self._waiting = None
