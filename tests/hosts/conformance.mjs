/**
 * Proves our browser client against whatever echo host listens: `node conformance.mjs URL`.
 *
 * Prints `ok <name>` for each thing that holds, and `down` when it wants the host killed and started again; it goes on
 * when a line comes in. The first thing that does not hold ends it with an error.
 */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket } from "ws";

// By its text, since an older Node takes a file that ends in .js for another kind of module than browsers do.
const client = await readFile(new URL("../../bot/static/socket.js", import.meta.url), "utf8");
const { connect } = await import(`data:text/javascript,${encodeURIComponent(client)}`);

const url = process.argv[2];
const good = { auth: { token: "good" }, WebSocket };

const event = (io, name) => new Promise((resolve) => io.on(name, (...args) => resolve(args)));
const within = (promise, ms = 5_000) => Promise.race([
  promise, pause(ms, null, { ref: false }).then(() => assert.fail(`nothing within ${ms} ms`)),
]);
const opened = async (options = good) => {
  const io = connect(url, options);
  await within(event(io, "connect"));
  return io;
};

const proofs = {
  async "an echo comes back to the one who asked"() {
    const io = await opened();
    const answer = await new Promise((resolve) => io.emit("echo", "hello", { n: 1, list: [true, null] }, (...args) => resolve(args)));
    assert.deepEqual(answer, ["hello", { n: 1, list: [true, null] }]);
    assert.deepEqual(await io.ask("echo", { n: 2 }), { n: 2 });
    io.close();
  },

  async "every script and emoji survives"() {
    const io = await opened();
    const words = "Grüße, 你好, שלום, 👩🏽‍🚒 \u0000 \u2028 \"quoted\" 42[\"not a packet\"]";
    assert.equal(await io.ask("echo", words), words);
    io.close();
  },

  async "many questions at once each get their own answer"() {
    const io = await opened();
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => io.ask("echo", n)));
    assert.deepEqual(answers, Array.from({ length: 200 }, (_, n) => n));
    io.close();
  },

  async "a question by the server is answered"() {
    const io = await opened();
    io.on("question", (question, answer) => { answer({ heard: question }); answer("a second answer is not sent"); });
    assert.deepEqual(await io.ask("ask me", "how are you?"), { heard: "how are you?" });
    io.close();
  },

  async "a namespace is entered and kept apart"() {
    const side = await opened({ ...good, namespace: "/side" });
    const main = await opened();
    let strayed = 0;
    main.on("told", (words) => { if (words === "to the side") strayed += 1; });
    const told = event(side, "told");
    side.emit("tell all", "to the side");
    assert.deepEqual(await within(told), ["to the side"]);
    assert.deepEqual(await side.ask("echo", 7), 7);
    await main.ask("echo", "settled");
    assert.equal(strayed, 0);
    side.close();
    main.close();
  },

  async "a broadcast reaches everybody, and nobody who stopped listening"() {
    const [one, two] = [await opened(), await opened()];
    let unwanted = 0;
    const deaf = () => { unwanted += 1; };
    two.on("told", deaf);
    two.off("told", deaf);
    const both = Promise.all([event(one, "told"), event(two, "told")]);
    one.emit("tell all", "good morning");
    assert.deepEqual(await within(both), [["good morning"], ["good morning"]]);
    assert.equal(unwanted, 0);
    one.close();
    two.close();
  },

  async "a refusal is final and says why"() {
    let dialled = 0;
    class Counted extends WebSocket { constructor(...args) { super(...args); dialled += 1; } }
    const io = connect(url, { auth: { token: "bad" }, WebSocket: Counted });
    const early = io.ask("echo", "too early");
    const refused = event(io, "refused");
    await assert.rejects(early, /refused/);
    const [{ message, data }] = await within(refused);
    assert.equal(message, "bad token");
    assert.deepEqual(data, { hint: "sign in again" });
    await pause(1_000);
    assert.equal(dialled, 1);
    await assert.rejects(io.ask("echo", "too late"), /ended/);
  },

  async "a good-bye by the server is final"() {
    let dialled = 0;
    class Counted extends WebSocket { constructor(...args) { super(...args); dialled += 1; } }
    const io = await opened({ ...good, WebSocket: Counted });
    const gone = event(io, "disconnect");
    io.emit("kick me");
    const [{ final }] = await within(gone);
    assert.equal(final, true);
    await pause(1_000);
    assert.equal(dialled, 1);
  },

  async "a question that is not answered in time is given up"() {
    const io = await opened();
    await assert.rejects(io.ask("hang", {}, 200), /no answer in time/);
    assert.equal(await io.ask("echo", "still here"), "still here");
    io.close();
  },

  async "pings are answered for as long as the line is open"() {
    const io = await opened();
    let broke = false;
    io.on("disconnect", () => { broke = true; });
    await pause(2_800);
    assert.equal(broke, false);
    io.close();
  },

  async "a server that goes silent is left, and found again"() {
    class Muffled extends WebSocket { // from the second ping on, nothing comes through
      set onmessage(listen) {
        let pings = 0;
        super.onmessage = (event) => {
          if (event.data === "2") pings += 1;
          if (pings < 2) listen(event);
        };
      }
    }
    const io = await opened({ ...good, WebSocket: Muffled });
    const [{ reason, final }] = await within(event(io, "disconnect"));
    assert.match(reason, /silent/);
    assert.equal(final, false);
    await within(event(io, "connect"));
    io.close();
  },

  async "what is said while the host is down arrives once when it is back, in order"() {
    const io = await opened();
    const counted = [];
    const answers = [];
    io.on("counted", (id) => counted.push(id));
    io.emit("hang", { id: "never answered" }, () => assert.fail("nobody answers this"));
    const gone = event(io, "disconnect");
    console.log("down");
    const [{ final }] = await within(gone, 20_000);
    assert.equal(final, false);
    for (const id of ["a", "b", "c"]) io.emit("count", { id }, (answer) => answers.push(answer.id));
    io.emit("count", { id: "d" });
    const given = io.ask("count", { id: "given up" }, 50);
    await assert.rejects(given, /no answer in time/);
    const back = event(io, "connect");
    console.log("up");
    const [{ again }] = await within(back, 20_000);
    assert.equal(again, true);
    assert.equal(await io.ask("echo", "settled"), "settled");
    await pause(300);
    assert.deepEqual(counted, ["a", "b", "c", "d"]);
    assert.deepEqual(answers, ["a", "b", "c"]);
    assert.equal(await io.ask("echo", "and on"), "and on");
    io.close();
  },
};

const prove = async ([name, proof]) => {
  await proof();
  console.log(`ok ${name}`);
};
const [crash, ...calm] = Object.entries(proofs).reverse(); // the last one has the host killed, so it runs alone
await Promise.all(calm.map(prove));
await prove(crash);
process.exit(0);
