/**
 * Porchlight in a chat on the official Socket.IO server: what `docs/protocol.md` asks of a host, and nothing else.
 *
 *     const safety = porchlight(io, { token, whisper: (person, nudge) => io.to(`user:${person}`).emit("nudge", nudge) });
 *     const { verdict, text } = await safety.message({ id, chat, author, text });   // then deliver, cover or hold it
 *
 * The assistant connects to this server; each process asks the one that is connected to it, never the whole cluster.
 * Whatever happens to the assistant, a message waits at most `patience` ms, and after three misses in a row not at all for a while.
 */

import { createHash, timingSafeEqual } from "node:crypto";

const DELIVER = { verdict: "deliver", nudges: [] };
const KNOWN_COMMANDS = ["/rules", "/remind", "/mod", "/safety"];
const LONGEST_TEXT = 20_000, MOST_MISSES = 3, MOST_UNREAD = 500;
const digest = (word) => createHash("sha256").update(String(word)).digest();

export function porchlight(io, { token, whisper, hello = {}, on = {}, patience = 200, rest = 10_000, namespace = "/safety" }) {
  const open = new Map(); // chat id -> its chat.open, told again to an assistant that comes (back)
  const unread = []; // messages that were delivered without an answer, the oldest first
  let bot = null, misses = 0, restUntil = 0, commands = KNOWN_COMMANDS;

  io.of(namespace).use((socket, next) => {
    const tokens = [typeof token === "function" ? token() : token].flat(); // two while one takes the other's place
    const given = digest(socket.handshake.auth.token);
    next(tokens.some((one) => one && timingSafeEqual(digest(one), given)) ? undefined : new Error("this token is not known"));
  });

  io.of(namespace).on("connection", (socket) => {
    bot = socket;
    misses = restUntil = 0;
    socket.on("disconnect", () => { if (bot === socket) bot = null; });
    socket.on("probe", ({ id }, answer) => answer({ id }));
    socket.on("nudge", (nudge, answer) => { show([nudge]); answer({}); });
    socket.on("resume", async (_, answer) => {
      const missed = unread.splice(0);
      answer({ replayed: missed.length });
      while (missed.length) {
        const said = await ask("message", missed[0]);
        if (!said) return unread.unshift(...missed); // the next time, then
        toldLate(missed.shift(), said);
      }
    });
    for (const event of ["mask", "case", "referral", "evidence"]) {
      socket.on(event, async (payload, answer) => {
        if (!on[event]) return answer(payload.outcome ? { error: "nobody here does what was decided" } : {}); // so it is asked again
        try {
          answer((await on[event](payload)) ?? {});
        } catch {
          answer({ error: "that did not work" });
        }
      });
    }
    socket.emit("hello", { level: "verdict", protocol: 1, ...hello }, (terms) => { commands = terms?.commands ?? commands; });
    for (const chat of open.values()) socket.emit("chat.open", chat, (answer) => show(answer?.nudges));
  });

  /** The assistant's answer, or null: it is not there, it rests, or it took too long. What comes too late is still shown. */
  function ask(event, payload, ms = patience) {
    if (!bot || Date.now() < restUntil) return Promise.resolve(null);
    return new Promise((resolve) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        if (++misses >= MOST_MISSES) restUntil = Date.now() + rest;
        resolve(null);
      }, ms);
      bot.emit(event, payload, (answer) => {
        clearTimeout(timer);
        if (late) return event === "message" ? toldLate(payload, answer) : show(answer?.nudges);
        misses = 0;
        resolve(answer);
      });
    });
  }

  /** What becomes of a message that everybody has seen: it is covered now, if this chat can do that; else nobody is told that it is. */
  async function toldLate(message, answer) {
    if (answer?.verdict === "mask") {
      if (!on.mask) return;
      try {
        await on.mask({ chat: message.chat, message: message.id, text: answer.text });
      } catch {
        return;
      }
    }
    show(answer?.nudges);
  }

  function show(nudges) {
    for (const nudge of nudges ?? []) for (const person of nudge.to) whisper(person, nudge);
  }

  return {
    show,
    get away() { return !bot || Date.now() < restUntil; },
    isCommand: (text) => commands.includes(text.trim().split(/\s/, 1)[0]),

    /** What becomes of a message: `verdict` is `deliver`, `mask` (others see `text`) or `hold`. Show its `nudges` after it. */
    async message(message) {
      if (message.text.length > LONGEST_TEXT) return DELIVER;
      const answer = await ask("message", { ts: Date.now() / 1000, ...message });
      if (answer?.verdict && !answer.degraded) return answer;
      unread.push({ ts: Date.now() / 1000, ...message });
      if (unread.length > MOST_UNREAD) unread.shift();
      return { ...DELIVER, nudges: answer?.nudges ?? [] };
    },
    async open(chat) {
      const begun = { opened_at: Date.now() / 1000, ...chat };
      open.set(chat.chat, begun);
      show((await ask("chat.open", begun))?.nudges);
    },
    async close(chat, by, reason) {
      open.delete(chat);
      show((await ask("chat.close", { chat, by, reason }))?.nudges);
    },
    /** Somebody comes into a chat that is open, or leaves it while it goes on. `person` as in `open`. */
    async join(chat, person) {
      const begun = open.get(chat);
      if (begun) begun.people = [...begun.people.filter(({ id }) => id !== person.id), person];
      show((await ask("chat.join", { chat, person }))?.nudges);
    },
    async leave(chat, personId) {
      const begun = open.get(chat);
      if (begun) begun.people = begun.people.filter(({ id }) => id !== personId);
      show((await ask("chat.leave", { chat, person_id: personId }))?.nudges);
    },
    /** Somebody's page was loaded anew, or they came back: what they missed meanwhile is said now. `person` as in `open`. */
    async back(person) {
      for (const { chat, people } of open.values()) {
        if (people.some(({ id }) => id === person.id)) show((await ask("chat.join", { chat, person }))?.nudges);
      }
    },
    /** Anything else: `command`, `press`, `panel`, `reports`, `draft` ... People wait for these, so they have longer. */
    ask: async (event, payload) => (await ask(event, payload, 5_000)) ?? { error: "The assistant is away, so this was not sent.", retry: true },
  };
}
