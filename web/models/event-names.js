/** Every event on the wire of `/live`, both ways. A test compares them with the server's. */

export const JOIN = "join";
export const REACT = "react";
export const SAY = "say";

export const CUE = "cue";
export const CUE_END = "cue_end";
export const DROP = "drop";
export const STOCK = "stock";
export const VIEWERS = "viewers";
export const REACTIONS = "reactions";
export const SAID = "said";
export const UNSAID = "unsaid";
export const STATE = "state";
