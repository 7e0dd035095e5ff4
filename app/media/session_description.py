"""Session descriptions (RFC 8866) at the edge: what a publisher may offer, and the addresses that we answer with."""

import re

from app.errors import BadRequest

# A browser's offer with every codec is 10 kB.
LARGEST_OFFER = 64 * 1024
_MDNS = re.compile(r"^a=candidate:.*\.local .*(?:\r\n|\n)", re.MULTILINE)
_HOST = re.compile(r"^(a=candidate:\S+ \d+ udp \d+ )(\S+)( \d+ typ host.*)$", re.MULTILINE | re.IGNORECASE)


def usable_offer(offer: str) -> str:
    """The offer as it can be answered. Raises BadRequest with what is wrong with it.

    Candidates that hide behind mDNS names are left out: resolving them would ask the whole network, and the sender's
    own checks tell its address anyway.
    """
    if not offer.startswith("v=0"):
        raise BadRequest("The body is no session description; send the SDP offer of a WHIP client.")
    kinds = re.findall(r"^m=(\w+) ", offer, re.MULTILINE)
    if "video" not in kinds:
        raise BadRequest("The offer has no video; add a video track.")
    if kinds.count("video") > 1 or kinds.count("audio") > 1:
        raise BadRequest("The offer has more than one video or audio track; send one of each.")
    if not re.search(r"^a=rtpmap:\d+ (H264|VP8)/90000", offer, re.MULTILINE | re.IGNORECASE):
        raise BadRequest("The offer has neither H.264 nor VP8; choose H.264 in the encoder's settings.")
    video = offer[offer.index("m=video") :]
    if re.search(r"^a=(recvonly|inactive)\s*$", video.split("\nm=")[0], re.MULTILINE):
        raise BadRequest("The offer does not send video; mark it sendonly.")
    return _MDNS.sub("", offer)


def has_sound(offer: str) -> bool:
    """Whether the offer brings sound that we can decode."""
    return bool(re.search(r"^a=rtpmap:\d+ opus/48000", offer, re.MULTILINE | re.IGNORECASE))


def with_public_address(answer: str, address: str | None) -> str:
    """The answer with a candidate at the public address for every one of our own, for hosts behind a 1:1 NAT."""
    if address is None:
        return answer
    family = ":" in address

    def both(match: re.Match[str]) -> str:
        own = match[0].rstrip("\r")
        end = "\r\n" if match[0].endswith("\r") else "\n"
        if (":" in match[2]) != family:
            return match[0]
        public = f"{match[1]}{address}{match[3]}".rstrip("\r")
        return public + end + own + end.rstrip("\n")

    return _HOST.sub(both, answer)
