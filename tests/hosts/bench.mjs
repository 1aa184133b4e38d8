/**
 * Measures how much longer a message takes because the assistant is asked: `node bench.mjs TOKEN`, driven by tools/bench/link.py.
 *
 * Prints its port, and `linked` when the assistant is there. For each line `{rate, texts}` on its input it lets the texts be said at
 * that rate, and prints the milliseconds that each waited for its verdict, and how many were not answered.
 */

import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Server } from "socket.io";
import { porchlight } from "../../examples/node-host/porchlight.mjs";

const http = createServer();
const io = new Server(http);
const safety = porchlight(io, { token: process.argv[2], whisper: () => {}, rest: 60_000 });
const people = [{ id: "robin", role: "listener", age: "adult" }, { id: "sam", role: "member", age: "adult" }];
let number = 0;

async function say(text) {
  const [chat, author] = [`talk ${number % 12}`, people[number % 2].id];
  const begun = performance.now();
  const { verdict, degraded } = await safety.message({ id: `m${number++}`, chat, author, text });
  return { ms: performance.now() - begun, verdict, degraded };
}

io.of("/safety").on("connection", async () => {
  for (let chat = 0; chat < 12; chat += 1) await safety.open({ chat: `talk ${chat}`, kind: "direct", people });
  console.log("linked");
});
http.listen(0, "127.0.0.1", () => console.log(http.address().port));

for await (const line of createInterface({ input: process.stdin })) {
  const { rate, texts } = JSON.parse(line);
  const begun = performance.now();
  const said = [];
  for (const [place, text] of texts.entries()) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, begun + (place * 1000) / rate - performance.now())));
    said.push(say(text));
  }
  const done = await Promise.all(said);
  console.log(JSON.stringify({ ms: done.map((one) => one.ms), covered: done.filter((one) => one.verdict === "mask").length }));
}
process.exit();
