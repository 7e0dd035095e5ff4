// The browser's timeline over the logs on standard input: what each message did, and what frames show afterwards.
import { readFileSync } from "node:fs";
import { Timeline } from "../../web/models/timeline.js";

const answers = JSON.parse(readFileSync(0, "utf8")).map(({ messages, frames }) => {
  const timeline = new Timeline();
  const steps = messages.map(([name, message]) => timeline.apply(name, message));
  return { steps, seq: timeline.seq, shown: frames.map((at) => timeline.live(at).map(({ id }) => id)) };
});
console.log(JSON.stringify(answers));
