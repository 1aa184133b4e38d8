/**
 * A small Socket.IO client: Engine.IO 4, Socket.IO 5, WebSocket only, one namespace per connection.
 *
 * Left out on purpose: polling, binary, several namespaces on one connection. Where those are needed the official
 * client does the same job; everything here that takes a connection needs only its `on` and `emit`.
 *
 * What is emitted while the line is down waits and is sent once it is back. An emit that asks for an answer is sent
 * again after a break until it is answered, so its payload has to carry an id that makes a second arrival harmless.
 */

const PACKET = /^4([0-4])(?:(\/[^,]*)(?:,|$))?(\d*)([^]*)$/; // 4 = message; kind, namespace, ack id, JSON
const CONNECT = "0", DISCONNECT = "1", EVENT = "2", ACK = "3", REFUSED = "4";
const PATIENCE = 20_000; // for the first word of a new connection
const FIRST_WAIT = 400, LONGEST_WAIT = 8_000; // between attempts, before jitter

/**
 * Connects and stays connected. A URL without a path means the usual `/socket.io/` there.
 *
 * Besides the server's events it tells of `connect ({again})`, `disconnect ({reason, final})` and
 * `refused ({message, data?})`. A refusal and a disconnect by the server are final: nothing is tried after them.
 */
export function connect(url, { namespace = "/", auth = {}, WebSocket = globalThis.WebSocket } = {}) {
  return new Connection(endpoint(url), namespace, auth, WebSocket);
}

function endpoint(url) {
  const at = new URL(url, globalThis.location?.href);
  at.protocol = at.protocol.replace(/^http/, "ws");
  if (at.pathname === "/") at.pathname = "/socket.io/";
  at.searchParams.set("EIO", "4");
  at.searchParams.set("transport", "websocket");
  return at.href;
}

class Connection {
  connected = false;
  #url; #prefix; #auth; #WebSocket;
  #socket = null;
  #listeners = new Map(); // event -> Set of functions
  #outbox = []; // {id, frame, answered, failed}, in order; what asks for an answer stays until it has one
  #lastId = 0;
  #attempts = 0;
  #ended = false;
  #met = false; // was accepted at least once
  #silence = 0; // how long the server may say nothing, ms
  #watch; #retry;
  #hurry = () => { if (!this.#socket && !this.#ended) this.#open(); };

  constructor(url, namespace, auth, WebSocket) {
    this.#url = url;
    this.#prefix = namespace === "/" ? "" : `${namespace},`;
    this.#auth = auth;
    this.#WebSocket = WebSocket;
    globalThis.addEventListener?.("online", this.#hurry);
    this.#open();
  }

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
    return this;
  }

  off(event, listener) {
    this.#listeners.get(event)?.delete(listener);
    return this;
  }

  /** Sends an event; a function as the last argument is called with the answer. */
  emit(event, ...args) {
    const answered = typeof args.at(-1) === "function" ? args.pop() : null;
    this.#post([event, ...args], answered);
    return this;
  }

  /** Sends an event and promises the answer; past the time it is rejected and no longer waits to be sent. */
  ask(event, payload, timeoutMs = 8_000) {
    return new Promise((resolve, reject) => {
      const failed = (reason) => reject(new Error(reason));
      const entry = this.#post([event, payload], resolve, failed);
      setTimeout(() => {
        this.#outbox = this.#outbox.filter((other) => other !== entry);
        failed("no answer in time"); // says nothing to a promise that is settled
      }, timeoutMs);
    });
  }

  /** Says good-bye and stays away. */
  close() {
    if (this.connected) this.#send(DISCONNECT);
    this.#end("closed here");
  }

  #post(words, answered, failed) {
    if (this.#ended) return void failed?.("the connection has ended");
    const id = answered ? (this.#lastId += 1) : "";
    const entry = { id, frame: `${id}${JSON.stringify(words)}`, answered, failed };
    if (answered || !this.connected) this.#outbox.push(entry);
    if (this.connected) this.#send(EVENT, entry.frame);
    return entry;
  }

  #send(kind, body = "") {
    this.#socket.send(`4${kind}${this.#prefix}${body}`);
  }

  #open() {
    clearTimeout(this.#retry);
    const socket = new this.#WebSocket(this.#url);
    this.#socket = socket;
    this.#silence = PATIENCE;
    this.#listen();
    socket.onmessage = ({ data }) => { if (socket === this.#socket) this.#hear(data); };
    socket.onclose = () => { if (socket === this.#socket) this.#lose("the line broke"); };
    socket.onerror = () => {}; // a close always follows
  }

  #listen() {
    clearTimeout(this.#watch);
    this.#watch = setTimeout(() => this.#lose("the server went silent"), this.#silence);
  }

  #hear(data) {
    this.#listen();
    if (typeof data !== "string") return;
    if (data === "2") return this.#socket.send("3"); // ping, pong
    if (data === "1") return this.#lose("the server closed the line");
    if (data[0] === "0") {
      const { pingInterval, pingTimeout } = JSON.parse(data.slice(1));
      this.#silence = pingInterval + pingTimeout;
      this.#listen();
      return this.#send(CONNECT, JSON.stringify(this.#auth));
    }
    const packet = PACKET.exec(data);
    if (!packet || (packet[2] ? `${packet[2]},` : "") !== this.#prefix) return;
    const [, kind, , id, json] = packet;
    const body = json ? JSON.parse(json) : undefined;
    if (kind === CONNECT) this.#welcome();
    else if (kind === EVENT) this.#tell(body, id);
    else if (kind === ACK) this.#settle(Number(id), body);
    else if (kind === DISCONNECT) this.#end("the server said good-bye");
    else if (kind === REFUSED) {
      this.#end("refused");
      this.#fire("refused", [body]);
    }
  }

  #welcome() {
    const again = this.#met;
    this.connected = this.#met = true;
    this.#attempts = 0;
    for (const { frame } of this.#outbox) this.#send(EVENT, frame);
    this.#outbox = this.#outbox.filter(({ answered }) => answered);
    this.#fire("connect", [{ again }]);
  }

  #tell([event, ...args], id) {
    if (id === "") return this.#fire(event, args);
    const asker = this.#socket;
    let open = true;
    this.#fire(event, [...args, (...answer) => {
      if (open && asker === this.#socket) this.#send(ACK, `${id}${JSON.stringify(answer)}`);
      open = false;
    }]);
  }

  #settle(id, answer) {
    const entry = this.#outbox.find((other) => other.id === id);
    this.#outbox = this.#outbox.filter((other) => other !== entry);
    entry?.answered(...answer);
  }

  /** The line is gone: try again, each time a little later and never at the same moment as everybody else. */
  #lose(reason) {
    this.#drop(reason, false);
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts) * (0.5 + Math.random());
    this.#attempts += 1;
    if (!this.#ended) this.#retry = setTimeout(this.#hurry, wait);
  }

  #end(reason) {
    if (this.#ended) return;
    this.#ended = true;
    globalThis.removeEventListener?.("online", this.#hurry);
    clearTimeout(this.#retry);
    this.#drop(reason, true);
    for (const { failed } of this.#outbox.splice(0)) failed?.(reason);
  }

  #drop(reason, final) {
    clearTimeout(this.#watch);
    const socket = this.#socket;
    const wasConnected = this.connected;
    this.#socket = null;
    this.connected = false;
    socket?.close();
    if (wasConnected) this.#fire("disconnect", [{ reason, final }]);
  }

  #fire(event, args) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...args);
  }
}
