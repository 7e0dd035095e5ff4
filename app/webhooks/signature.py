"""Signs messages as the Standard Webhooks specification asks (www.standardwebhooks.com). No I/O."""

import base64
import hashlib
import hmac

PREFIX = "whsec_"


def headers(secret: bytes, id_: str, at_s: int, body: bytes) -> dict[str, str]:
    """The three headers of a message; the signature covers its id, its time and its body."""
    signed = f"{id_}.{at_s}.".encode() + body
    signature = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return {"webhook-id": id_, "webhook-timestamp": str(at_s), "webhook-signature": f"v1,{signature}"}
