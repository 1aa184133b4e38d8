/** The official Socket.IO server as an echo host: `node echo.mjs [port]` prints the port it listens on. */

import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { pingInterval: 1_000, pingTimeout: 1_000, connectTimeout: 2_000 });

for (const space of ["/", "/side"]) {
  io.of(space).use((socket, next) => {
    if (socket.handshake.auth.token === "good") return next();
    const refusal = new Error("bad token");
    refusal.data = { hint: "sign in again" };
    next(refusal);
  });
  io.of(space).on("connection", (socket) => {
    socket.on("echo", (...args) => args.pop()(...args));
    socket.on("count", ({ id }, answer) => { socket.emit("counted", id); answer?.({ id }); });
    socket.on("ask me", async (question, answer) => answer(await socket.timeout(2_000).emitWithAck("question", question)));
    socket.on("tell all", (words) => io.of(space).emit("told", words));
    socket.on("kick me", () => socket.disconnect());
    socket.on("hang", () => {}); // never answers
  });
}

http.listen(Number(process.argv[2] ?? 0), "127.0.0.1", () => console.log(http.address().port));
