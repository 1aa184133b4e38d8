/**
 * A small chat on the official Socket.IO server, with the assistant in it: `node chat.mjs [settings.json]`.
 *
 * Prints the port it listens on. The settings: `{ port, token, people: { <token>: { id, role, name, age } }, chats: [{ id, kind,
 * title, people: [ids] }], level, redis, recovery, msgpack }`; without any there are Sam, Robin and Noor, and the token is "porch".
 */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { porchlight } from "./porchlight.mjs";

const EXAMPLE = {
  port: 3000,
  token: "porch",
  people: {
    sam: { id: "sam", role: "member", name: "Sam", age: "adult" },
    robin: { id: "robin", role: "listener", name: "Robin", age: "adult" },
    noor: { id: "noor", role: "moderator", name: "Noor", age: "adult" },
  },
  chats: [
    { id: "talk", kind: "direct", title: "A talk between two", people: ["sam", "robin"] },
    { id: "room", kind: "room", title: "The evening room", people: ["sam", "robin", "noor"] },
  ],
};
const settings = process.argv[2] ? JSON.parse(readFileSync(process.argv[2], "utf8")) : EXAMPLE;
const people = new Map(Object.values(settings.people).map((person) => [person.id, person]));
const chats = new Map(settings.chats.map((chat) => [chat.id, { ...chat, log: new Map() }]));
const roomOf = (person) => `user:${person}`; // the prefix keeps it from ever being a socket's id

const http = createServer();
export const io = new Server(http, {
  maxHttpBufferSize: 1_000_000,
  ...(settings.ping ? { pingInterval: settings.ping, pingTimeout: settings.ping } : {}),
  ...(settings.recovery ? { connectionStateRecovery: {} } : {}),
  ...(settings.msgpack ? { parser: await import("socket.io-msgpack-parser") } : {}),
});
if (settings.redis) {
  const [{ createClient }, { createAdapter }] = await Promise.all([import("redis"), import("@socket.io/redis-adapter")]);
  const clients = [createClient({ url: settings.redis }), createClient({ url: settings.redis })];
  for (const client of clients) client.on("error", () => {});
  await Promise.all(clients.map((client) => client.connect()));
  io.adapter(createAdapter(...clients));
}

const safety = porchlight(io, {
  token: settings.tokenFile ? () => readFileSync(settings.tokenFile, "utf8").trim() : settings.token,
  whisper: (person, nudge) => io.to(roomOf(person)).emit("nudge", nudge),
  hello: { name: "an example", level: settings.level ?? "act", confirms: true },
  on: {
    referral: ({ chat, by }) => { io.to(roomOf(by)).emit("referred", { chat }); },
    mask: ({ chat, message, text }) => { // a later message completed a detail that began in this one
      const said = chats.get(chat)?.log.get(message);
      if (!said) return;
      Object.assign(said, { verdict: "mask", shown_as: text });
      for (const person of chats.get(chat).people) io.to(roomOf(person)).emit("edited", { chat, id: message, text });
    },
    evidence: ({ chat }) => ({
      messages: [...(chats.get(chat)?.log.values() ?? [])].map(({ id, author, text, ts }) => ({ id, author: author.id, text, ts })),
    }),
  },
  ...settings.manners,
});

io.use((socket, next) => {
  socket.data.person = settings.people[socket.handshake.auth.token];
  next(socket.data.person ? undefined : new Error("This token is not known."));
});

io.on("connection", async (socket) => {
  const me = socket.data.person;
  const mine = [...chats.values()].filter((chat) => chat.people.includes(me.id));
  await socket.join(roomOf(me.id));
  socket.emit("welcome", {
    you: me,
    chats: mine.map(({ id, kind, title, log }) => ({ id, kind, title, log: [...log.values()].flatMap((said) => shownTo(said, me.id) ?? []) })),
  });

  // A client may send anything, or no function to answer by: neither may end this process.
  const on = (event, hear) => socket.on(event, async (payload, answer) => {
    const tell = typeof answer === "function" ? answer : () => {};
    try {
      await hear(payload && typeof payload === "object" ? payload : {}, tell);
    } catch {
      tell({ error: "That did not work." });
    }
  });

  on("say", async ({ chat: chatId, id, text }, answer) => {
    const chat = mine.find((one) => one.id === chatId);
    if (!chat || typeof text !== "string" || !text.trim()) return answer({ error: "You are not in this chat, or said nothing." });
    const message = `${me.id} ${id}`;
    await begin(chat);
    if (safety.isCommand(text)) {
      const told = await safety.ask("command", { id: message, chat: chatId, author: me.id, text });
      safety.show(told.nudges);
      return answer(told.error ? { error: told.error } : { ok: true, receipt: told.receipt });
    }
    const before = chat.log.get(message);
    if (before) return answer({ ok: true, id: message, verdict: before.verdict });
    const judged = await safety.message({ id: message, chat: chatId, author: me.id, text });
    const said = { id: message, chat: chatId, author: me, text, ts: Date.now() / 1000, verdict: judged.verdict };
    said.shown_as = judged.verdict === "hold" ? null : judged.verdict === "mask" ? judged.text : text;
    chat.log.set(message, said);
    for (const person of chat.people) {
      const shown = shownTo(said, person);
      if (shown) io.to(roomOf(person)).emit("message", shown);
    }
    safety.show(judged.nudges);
    answer({ ok: true, id: message, verdict: judged.verdict });
  });

  on("leave", async ({ chat }, answer) => {
    await safety.close(chat, me.id, "left");
    if (chats.has(chat)) chats.get(chat).begun = null; // with the next word it begins again
    for (const person of chats.get(chat)?.people ?? []) io.to(roomOf(person)).emit("left", { chat, id: me.id });
    answer({ ok: true });
  });

  for (const [browser, event] of [["safety:press", "press"], ["safety:panel", "panel"], ["safety:reports", "reports"], ["safety:shown", "shown"]]) {
    on(browser, async (payload, answer) => answer(await safety.ask(event, { ...payload, person_id: me.id })));
  }
  on("safety:draft", async (payload, answer) => answer(await safety.ask("draft", { ...payload, author: me.id })));

  await safety.back(me);
  for (const chat of mine) {
    const here = await Promise.all(chat.people.map((person) => io.in(roomOf(person)).fetchSockets()));
    if (here.every((sockets) => sockets.length)) await begin(chat);
  }
});

/** The assistant hears of a chat when all are there, and at the latest with the first word. */
function begin(chat) {
  chat.begun ??= safety.open({ chat: chat.id, kind: chat.kind, people: chat.people.map((person) => people.get(person)) });
  return chat.begun;
}

/** A message as one person sees it: its author their own words, everybody else what was let through. */
function shownTo(said, person) {
  if (said.author.id === person) return { ...said, mine: true };
  return said.shown_as === null ? null : { ...said, text: said.shown_as, mine: false };
}

export const ready = new Promise((listens) => http.listen(settings.port ?? 0, "127.0.0.1", listens));
await ready;
console.log(http.address().port);
