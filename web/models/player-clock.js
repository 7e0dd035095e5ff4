/**
 * Which media time a picture carries. PROGRAM-DATE-TIME gives the media time of the play head (`playingDate`); a frame
 * callback says where in the stream its frame lies. Their difference is that frame's own media time, to the millisecond.
 */

/**
 * @param {Date | null | undefined} playingDate media time of the play head
 * @param {number} currentTime the play head, seconds
 * @param {number} [frameTime] the frame's own time, seconds (`metadata.mediaTime`); absent where there is no frame callback
 * @returns {number | null} epoch ms, or null while nothing plays
 */
export function mediaTime(playingDate, currentTime, frameTime = currentTime) {
  if (!playingDate || Number.isNaN(playingDate.getTime())) return null;
  return playingDate.getTime() + (frameTime - currentTime) * 1000;
}

/**
 * The same where the system plays the stream itself (Safari): the date of second zero and the play head.
 * @param {Date | null | undefined} startDate `video.getStartDate()`
 * @param {number} currentTime
 */
export function nativeMediaTime(startDate, currentTime) {
  if (!startDate || Number.isNaN(startDate.getTime())) return null;
  return startDate.getTime() + currentTime * 1000;
}
