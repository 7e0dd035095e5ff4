"""A message as it lies in the event's stream, between processes. Pure."""


def envelope(name: str, encoded: bytes) -> bytes:
    """A message as it lies in the stream: its name, a line feed, its JSON."""
    return name.encode() + b"\n" + encoded


def opened(enveloped: bytes) -> tuple[str, bytes]:
    """The name and the JSON of an envelope."""
    name, _, encoded = enveloped.partition(b"\n")
    return name.decode(), encoded
