"""An event loop whose UDP sockets stay within a range of ports, for hosts behind a firewall."""

import asyncio
import errno
import random
from typing import Any


class PortRangeLoop(asyncio.SelectorEventLoop):
    """Like its base, but a datagram endpoint on "any" port gets one from `ports` (first, last).

    The ICE library binds to any port and offers no setting for it.
    """

    def __init__(self, ports: tuple[int, int] | None) -> None:
        super().__init__()
        self._ports = ports

    async def create_datagram_endpoint(  # type: ignore[override]
        self, protocol_factory: Any, local_addr: tuple[str, int] | None = None, *arguments: Any, **options: Any
    ) -> Any:
        """As the base does. Raises OSError when every port of the range is taken."""
        create = super().create_datagram_endpoint
        if self._ports is None or local_addr is None or local_addr[1] != 0:
            return await create(protocol_factory, local_addr, *arguments, **options)
        first, last = self._ports
        start = random.randrange(last - first + 1)  # noqa: S311 - only spreads the load
        for step in range(last - first + 1):
            port = first + (start + step) % (last - first + 1)
            try:
                return await create(protocol_factory, (local_addr[0], port), *arguments, **options)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRINUSE, f"every UDP port from {first} to {last} is taken")
