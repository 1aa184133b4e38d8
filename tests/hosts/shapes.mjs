/**
 * Chats that know nothing of the assistant, in the shape of the two best known examples of Socket.IO: `node shapes.mjs chat|private|leaky`.
 *
 * `chat`: one room, names and no ids. `private`: whispers between two by ids; with one line more, its safety account hears them.
 * `leaky`: the same, but everybody hears every whisper. Prints the port it listens on.
 */

import { randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { Server } from "socket.io";

const shape = process.argv[2];
const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  if (shape === "chat") {
    socket.on("add user", (name) => { socket.data.name = name; socket.emit("login", { numUsers: io.engine.clientsCount }); });
    socket.on("new message", (message) => socket.broadcast.emit("new message", { username: socket.data.name, message }));
    return;
  }
  const id = randomBytes(8).toString("hex");
  socket.join(id);
  if (socket.handshake.auth.username === "Safety") socket.join("safety");
  socket.emit("session", { sessionID: randomBytes(8).toString("hex"), userID: id });
  socket.on("private message", ({ content, to }) => {
    const told = { content, from: id, to };
    if (shape === "leaky") io.emit("private message", told);
    else socket.to(to).to(id).to("safety").emit("private message", told);
  });
});

http.listen(0, "127.0.0.1", () => console.log(http.address().port));
