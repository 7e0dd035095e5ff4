// Node's socket.io as the peer of the push benchmarks. Prints its port. An event `go` is sent to everybody as `overlay`,
// `blast` asks for one of a size, `up` is answered; `join`, `react`, `say`, `cue` and `stock` are a show done plainly: each becomes an event to everybody.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false, httpCompression: false });
const all = () => io.to("show");
let viewers = 0;
let line = 0;

io.on("connection", (socket) => {
  socket.join("show");
  socket.on("go", (data) => all().emit("overlay", data));
  socket.on("blast", ({ size }) => all().emit("overlay", { text: "x".repeat(size) }));
  socket.on("up", (data, answer) => answer({ ok: true, kind: data.kind }));
  socket.on("join", (data, answer) => {
    viewers += 1;
    answer({ event: data.event, seq: 0, cues: [], drops: [], viewers });
    all().emit("viewers", { count: viewers });
    socket.on("disconnect", () => all().emit("viewers", { count: (viewers -= 1) }));
  });
  socket.on("react", (data, answer) => {
    answer({ ok: true });
    all().emit("reactions", { counts: { [data.kind]: 1 } });
  });
  socket.on("say", (data, answer) => {
    answer({ ok: true, id: `say_${(line += 1)}` });
    all().emit("said", { id: `say_${line}`, author: "Amber 204", text: data.text, said_at: new Date().toISOString() });
  });
  socket.on("cue", (data) => all().emit("cue", data));
  socket.on("stock", (data) => all().emit("stock", data));
});
http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => console.log(http.address().port));
