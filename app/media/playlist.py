"""HLS playlists (RFC 8216bis) as text, as pure functions of the reel."""

from datetime import UTC, datetime

from app.media.fmp4 import SOUND_BITRATE, SOUND_CODEC
from app.media.reel import LISTED_PARTS, PART_TARGET_S, SEGMENT_S, Reel, Segment

# Version 9 brings parts and preload hints; 6 maps for fragmented MP4.
_LOW_LATENCY_VERSION, _PLAIN_VERSION = 9, 6
# Until a segment has been measured, in bits a second.
_FIRST_BANDWIDTH = 3_000_000
# RFC 8216bis, 4.4.3.8: at least three times the part target.
PART_HOLD_BACK_S = 3 * PART_TARGET_S


def date_time(media_ms: float) -> str:
    """Media time as EXT-X-PROGRAM-DATE-TIME states it, to the millisecond."""
    moment = datetime.fromtimestamp(round(media_ms) // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{round(media_ms) % 1000:03d}Z"


def target_duration(reel: Reel) -> int:
    """EXT-X-TARGETDURATION: the longest listed segment, rounded to the nearest second as the standard wants it."""
    return max(round(SEGMENT_S), *(int(segment.duration + 0.5) for segment in reel.segments), 1)


def multivariant(reel: Reel) -> str:
    """The multivariant playlist. The reel must have a video format."""
    video = reel.video
    if video is None:
        raise ValueError("a reel without pictures has no multivariant playlist")
    rates = [segment.size * 8 / segment.duration for segment in reel.closed[-10:] if segment.duration > 0.5]
    peak = round(max(rates, default=_FIRST_BANDWIDTH) * 1.1)
    average = round(sum(rates) / len(rates)) if rates else _FIRST_BANDWIDTH
    return (
        "#EXTM3U\n"
        f"#EXT-X-VERSION:{_PLAIN_VERSION}\n"
        "#EXT-X-INDEPENDENT-SEGMENTS\n"
        f"#EXT-X-STREAM-INF:BANDWIDTH={max(peak, SOUND_BITRATE)},AVERAGE-BANDWIDTH={max(average, SOUND_BITRATE)},"
        f'CODECS="{video.codec},{SOUND_CODEC}",RESOLUTION={video.width}x{video.height},FRAME-RATE={video.fps:.3f}\n'
        "video.m3u8\n"
    )


def media(reel: Reel, low_latency: bool = True) -> str:
    """The media playlist: with parts, or as plain HLS of the same segments.

    While nobody is live it is plain, too: there is nothing to wait for, and hls.js takes parts without a hint after
    them for the beginning of a segment, whose discontinuity it then misses.
    """
    low_latency = low_latency and reel.live
    lines = [
        "#EXTM3U",
        f"#EXT-X-VERSION:{_LOW_LATENCY_VERSION if low_latency else _PLAIN_VERSION}",
        f"#EXT-X-TARGETDURATION:{target_duration(reel)}",
    ]
    if low_latency:
        lines += [
            f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={PART_HOLD_BACK_S:.3f}",
            f"#EXT-X-PART-INF:PART-TARGET={PART_TARGET_S:.3f}",
        ]
    listed = reel.segments if low_latency else reel.closed
    lines += [
        f"#EXT-X-MEDIA-SEQUENCE:{listed[0].number if listed else reel.number}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{reel.discontinuities}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    initialisation = None
    for index, segment in enumerate(listed):
        if segment.discontinuity:
            lines.append("#EXT-X-DISCONTINUITY")
        if segment.initialisation != initialisation:
            initialisation = segment.initialisation
            lines.append(f'#EXT-X-MAP:URI="{reel.initialisation_name(initialisation)}"')
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{date_time(segment.at_ms)}")
        if low_latency and index >= len(listed) - LISTED_PARTS - 1:
            lines += _parts(reel, segment)
        if not (reel.open and segment is reel.segments[-1]):
            lines += [f"#EXTINF:{segment.duration:.5f},", reel.segment_name(segment)]
    if low_latency:
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{_next_part(reel)}"')
    return "\n".join(lines) + "\n"


def _parts(reel: Reel, segment: Segment) -> list[str]:
    return [
        f'#EXT-X-PART:DURATION={part.duration:.5f},URI="{reel.part_name(segment.number, index)}"'
        + (",INDEPENDENT=YES" if part.independent else "")
        for index, part in enumerate(segment.parts)
    ]


def _next_part(reel: Reel) -> str:
    if reel.open:
        return reel.part_name(reel.segments[-1].number, len(reel.segments[-1].parts))
    return reel.part_name(reel.number, 0)
