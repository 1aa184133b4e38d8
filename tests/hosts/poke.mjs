/** The example's chat with ways for a test to trouble it: a line `{do, ...}` on its input is done, and its answer printed as JSON. */

import { createInterface } from "node:readline";
import { io, ready } from "../../examples/node-host/chat.mjs";

const safety = io.of("/safety");
const deeds = {
  kick: () => safety.disconnectSockets(),
  tell: ({ event, payload }) => void safety.emit(event, payload), // without an answer: recovery adds an offset to it
  ask: async ({ event, payload, fill }) => {
    if (fill) payload[fill] = "x".repeat(payload[fill]);
    const [socket] = safety.sockets.values();
    return socket.timeout(5_000).emitWithAck(event, payload);
  },
};

await ready;
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  const answer = await Promise.resolve(deeds[order.do](order)).catch((error) => ({ failed: String(error) }));
  console.log(JSON.stringify(answer ?? {}));
}
