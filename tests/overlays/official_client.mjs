// The official client against our server: prints what happens as JSON, one line each. Argument: the server's address.
import { io } from "socket.io-client";

const say = (line) => console.log(JSON.stringify(line));
const url = process.argv[2];
const live = io(`${url}/live`, { transports: ["websocket"], reconnectionDelay: 10, reconnectionDelayMax: 20 });

live.on("connect", async () => say({ connect: await live.emitWithAck("join", { event: "gala", since: 3 }) }));
live.on("disconnect", (reason, details) => say({ disconnect: reason, code: details?.context?.code }));
live.onAny((name, data) => say({ heard: name, data: Buffer.isBuffer(data?.blob) ? { blob: [...data.blob] } : (data?.text?.length ?? data) }));
live.on("question", (data, answer) => answer(data + 1));

process.stdin.setEncoding("utf8");
process.stdin.on("data", async (text) => {
  for (const command of text.trim().split("\n")) {
    if (command === "polling") {
      const other = io(`${url}/live`, { transports: ["polling"], reconnection: false, forceNew: true });
      other.on("connect_error", (error) => say({ refused: error.message, status: error.context?.status, says: error.context?.responseText }));
    } else if (command === "react") {
      say({ answer: await live.emitWithAck("react", { kind: "heart" }) });
    } else if (command === "many") {
      const order = [];
      const asked = [...Array(10).keys()].map(async (number) => {
        const answer = await live.emitWithAck("react", { kind: "heart" });
        order.push(number);
        return answer;
      });
      say({ answers: await Promise.all(asked), order });
    } else if (command.startsWith("sleep")) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(command.split(" ")[1]));
    } else if (command === "bad") {
      say({ answer: await live.emitWithAck("react", { kind: 5 }) });
    } else if (command === "binary") {
      live.emit("react", { kind: Buffer.from([1]) });
    } else if (command === "again") {
      live.connect();
    } else if (command === "quit") {
      live.close();
      process.exit(0);
    }
  }
});
