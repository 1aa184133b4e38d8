/**
 * Sits at a table of the demo with the official client: `node table.mjs URL`.
 *
 * Reads a line of JSON for each thing to do, `{sit: who, token}` or `{ask: n, who, event, arguments}`, and prints a line
 * for each thing that comes: `{who, event, payload}`, the answer `{answer: n, payload}`, or `{refused: who}`.
 */

import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const url = process.argv[2];
const sockets = new Map();
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

function sit({ sit: who, token }) {
  const socket = io(url, { auth: { token }, transports: ["websocket"], reconnection: false, forceNew: true });
  socket.onAny((event, payload) => print({ who, event, payload }));
  socket.on("connect_error", () => print({ refused: who }));
  sockets.set(who, socket);
}

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line);
  if (order.sit) sit(order);
  else sockets.get(order.who).emit(order.event, ...order.arguments, (payload) => print({ answer: order.ask, payload }));
}
for (const socket of sockets.values()) socket.close();
