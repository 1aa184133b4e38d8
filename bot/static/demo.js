/** The demo page: every person of the table is a socket of their own, and nobody's words leave their own column. */

import { attachNudges } from "./nudge.js";
import { connect } from "./socket.js";

const LINES = {
  direct: {
    member: [
      "Can I have your email?",
      "I can't talk to my mum about what happened to me",
      "Would you do a sexy roleplay with me?",
      "I don't want to be here any more. I'm going to end my life tonight.",
    ],
    listener: [
      "I can't type properly today, so could we do a video call instead?",
      "This app drains my battery so fast, can we use another app?",
      "I can support you better somewhere else, where we can speak freely.",
      "My number is 07700 900123, text me any time.",
    ],
  },
  room: {
    member: ["my insta is @quiet.fox.22", "/mod someone is pushing people for their number"],
    listener: ["/rules", "Welcome in, take any seat you like."],
    moderator: ["/remind contact", "/rules"],
  },
};
const ROLES = { member: "Member", listener: "Listener", moderator: "Moderator", guest: "Guest" };
const CERTAINTIES = { hint: "a hint", likely: "likely", sure: "sure" };
const SHOWN_AT_ONCE = 50; // entries of the inspector
const OFF = "The line is down. What you write is kept, and sent once it is back.";

const $ = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

let table = null; // {people, direct, room, desk}, the sockets and the views upon them

function element(name, properties = {}, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

// --- a table and the people at it ---

async function open() {
  close();
  banner("");
  let opened;
  try {
    const response = await fetch("/demo/table", { method: "POST" });
    if (!response.ok) throw new Error(String(response.status));
    opened = await response.json();
  } catch {
    return banner("The demo does not answer. Is it still running? “Start over” tries again.");
  }
  table = { ...opened, sockets: [], views: [], down: new Set() };
  $("desk").href = opened.desk;
  $("desk").hidden = false;
  for (const role of Object.keys(ROLES)) {
    const person = opened.people[role];
    if (person) seat(person);
  }
  for (const kind of ["direct", "room"]) switcher(kind);
}

function hangUp() {
  const sockets = table?.sockets ?? [];
  table = null;
  for (const io of sockets) io.close();
}

function close() {
  hangUp();
  for (const list of document.querySelectorAll(".columns, .switch, #seen, #spoken")) list.replaceChildren();
  $("seen-count").textContent = "";
}

/** Connects one person and opens a column for each chat they are in. */
function seat(person) {
  const at = table;
  const io = connect(location.origin, { auth: { token: person.token } });
  at.sockets.push(io);
  const views = Object.fromEntries(
    ["direct", "room"].filter((kind) => LINES[kind][person.role]).map((kind) => [at[kind], column(io, person, kind)]),
  );
  at.views.push(...Object.values(views));
  const line = (up) => {
    if (up) at.down.delete(person.id); else at.down.add(person.id);
    for (const view of Object.values(views)) view.line(up);
    banner(at.down.size ? OFF : "");
  };
  setTimeout(() => { if (table === at && !io.connected) line(false); }, 3_000);
  io.on("connect", () => line(true));
  io.on("disconnect", () => { if (table === at) line(false); });
  io.on("refused", () => { if (table === at) banner("This demo chat has been closed. “Start over” opens a new one."); });
  io.on("welcome", ({ chats }) => {
    for (const { id, title, people, log } of chats) views[id]?.welcome(title, people, log);
  });
  io.on("message", (message) => views[message.chat]?.message(message));
  io.on("edited", (change) => views[change.chat]?.edited(change));
  io.on("left", ({ chat, id }) => views[chat]?.left(id));
  io.on("referred", ({ chat }) => views[chat]?.note("This talk is being passed on to somebody else who can help."));
  io.on("seen", inspect);
}

// --- one person's side of one chat ---

function column(io, person, kind) {
  const at = table;
  const chat = at[kind];
  const root = $("column").content.firstElementChild.cloneNode(true);
  const find = (selector) => root.querySelector(selector);
  const [log, form, input] = [find("[data-log]"), find("form"), find("[data-input]")];
  const names = new Map(Object.values(at.people).map(({ id, name }) => [id, name]));
  root.dataset.person = person.role;
  find(".name").textContent = person.name;
  find(".face").textContent = [...person.name][0] ?? "";
  find(".role").textContent = ROLES[person.role];
  log.setAttribute("aria-label", `Messages as ${person.name} sees them`);
  input.setAttribute("aria-label", `Write as ${person.name}`);
  input.placeholder = `Write as ${person.name} …`;
  document.querySelector(`#${kind} .columns`).append(root);
  follow(log, root);

  const leave = () => {
    panel.close();
    io.emit("leave", { chat });
  };
  const panel = find("[data-panel]");
  const askForPanel = () => io.emit("safety:panel", { chat }, (reply) => {
    if (reply?.panel) openPanel(panel, reply.panel, nudges);
    else note(`The panel could not be opened: ${reply?.error ?? "the assistant does not answer"}`);
  });
  const nudges = attachNudges(io, { log, status: find("[data-status]"), chat, input, onLeave: leave, onBlock: leave, onPanel: askForPanel });
  find("[data-safety]").addEventListener("click", askForPanel);

  const bubble = (id) => [...log.children].find((item) => item.dataset.message === id);

  function note(words) {
    log.append(element("p", { className: "note" }, words));
  }

  /** The bubble of a message, made or made anew: what it shows depends on who is reading. */
  function message({ id, author, text, ts, verdict, shown_as: shownAs }) {
    const mine = author.id === person.id;
    const role = ROLES[author.role]?.toLowerCase() ?? author.role;
    const time = element("time", { dateTime: new Date(ts * 1000).toISOString() }, clock.format(ts * 1000));
    const made = element("div", { className: mine ? "message mine" : "message" },
      element("p", { className: "by" }, element("bdi", {}, mine ? "You" : author.name), ` · ${role} · `, time),
      element("p", { className: "text", dir: "auto" }, text));
    made.dataset.message = id;
    made.dataset.verdict = verdict;
    if (mine && verdict === "hold") remark(made, "Held back. Nobody else has seen this.");
    else if (mine && verdict === "mask") remark(made, "Others see: ", element("q", { dir: "auto" }, shownAs ?? ""));
    else if (verdict === "mask") remark(made, "A part of this was hidden, to keep contact details out of the chat.");
    const before = bubble(id);
    if (before) before.replaceWith(made); else log.append(made);
    if (!mine) speak(id, `${author.name}: ${text}`);
  }

  function remark(item, ...words) {
    item.querySelector(".remark")?.remove();
    item.append(element("p", { className: "remark" }, ...words));
  }

  function edited({ id, text }) {
    const item = bubble(id);
    if (!item) return;
    item.dataset.verdict = "mask";
    if (item.classList.contains("mine")) return remark(item, "Others now see: ", element("q", { dir: "auto" }, text));
    item.querySelector(".text").textContent = text;
    remark(item, "A part of this was hidden later, to keep contact details out of the chat.");
  }

  function left(id) {
    const me = id === person.id;
    note(me ? "You have left." : `${names.get(id) ?? "Somebody"} has left.`);
    if (me) for (const control of root.querySelectorAll("form *, .lines button")) control.disabled = true; // the panel stays: many report afterwards
  }

  function say(text) {
    const id = [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const command = text.startsWith("/");
    if (command) note(`${text} (only you see this)`);
    else {
      message({ id, author: person, text, ts: Date.now() / 1000, verdict: "waiting" });
      remark(bubble(id), "Sending …");
    }
    io.emit("say", { chat, id, text }, (reply) => {
      const waiting = bubble(id);
      if (reply?.error) {
        waiting?.remove();
        note(`Not sent: ${reply.error}`);
        input.value ||= text;
      } else if (waiting?.dataset.verdict === "waiting") {
        if (bubble(reply.id) && reply.id !== id) waiting.remove();
        else waiting.dataset.message = reply.id;
        if (reply.verdict === "deliver") waiting.querySelector(".remark")?.remove();
        waiting.dataset.verdict = reply.verdict;
      }
    });
  }

  const check = find("[data-check]");
  check.addEventListener("click", () => check.setAttribute("aria-pressed", String(check.getAttribute("aria-pressed") !== "true")));
  let asked = ""; // what was asked about last: pressed again, it is sent as it is

  /** Asks the assistant about a draft; with nothing to say, or no answer, it is sent. */
  function ask(text) {
    asked = text;
    const send = setTimeout(() => { if (asked === text) post(text); }, 3_000);
    io.emit("safety:draft", { chat, text }, (reply) => {
      clearTimeout(send);
      if (asked !== text) return;
      if (!reply?.nudges?.length) return post(text);
      for (const nudge of reply.nudges) nudges.show(nudge);
      note("Not sent yet. Change it, or press Send again to send it as it is.");
    });
  }

  function post(text) {
    asked = "";
    if (input.value.trim() === text) input.value = "";
    say(text);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    if (check.getAttribute("aria-pressed") === "true" && text !== asked && !text.startsWith("/")) ask(text);
    else post(text);
  });
  for (const words of LINES[kind][person.role]) {
    const line = element("button", { type: "button" }, words);
    line.addEventListener("click", () => { input.value = words; form.requestSubmit(); });
    find(".lines ul").append(element("li", {}, line));
  }

  return {
    root, person, kind, message, edited, left, note,
    words: (id) => bubble(id)?.querySelector(".text").textContent,
    welcome(title, people, past) {
      for (const { id, name } of people) names.set(id, name);
      root.setAttribute("aria-label", `${title}, as ${person.name} sees it`);
      for (const one of past) message(one);
    },
    line(up) {
      root.dataset.line = up ? "up" : "down";
      find(".state").textContent = up ? "connected" : "not connected";
    },
  };
}

/**
 * Shows the safety panel over the page. It is a nudge like any other; when it is put away, the dialog closes.
 * It is not modal, so that the button for leaving quickly stays within reach.
 */
function openPanel(dialog, panel, nudges) {
  const opener = document.activeElement;
  const place = element("div");
  const close = element("button", { type: "button", className: "close", ariaLabel: "Close" }, "×");
  close.addEventListener("click", () => dialog.close());
  dialog.replaceChildren(close, place);
  const section = nudges.show(panel, place);
  if (!section) return;
  dialog.setAttribute("aria-labelledby", section.getAttribute("aria-labelledby"));
  new MutationObserver((_, observer) => {
    if (section.isConnected) return;
    observer.disconnect();
    dialog.close();
  }).observe(dialog, { childList: true });
  dialog.onkeydown = ({ key }) => { if (key === "Escape") dialog.close(); };
  dialog.onclose = () => opener?.focus();
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  dialog.show();
  dialog.scrollTop = 0;
}

/** Keeps the newest in sight, a long nudge from its beginning, unless the reader has scrolled back. */
function follow(log, root) {
  let following = true;
  let last = 0;
  log.addEventListener("scroll", () => {
    if (log.scrollTop < last - 4) following = false;
    if (log.scrollTop + log.clientHeight >= log.scrollHeight - 24) following = true;
    last = log.scrollTop;
  });
  new MutationObserver((changes) => {
    const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).at(-1);
    if (!added?.isConnected) return;
    if (following) {
      last = Math.min(log.scrollHeight - log.clientHeight, added.offsetTop - log.offsetTop - 12);
      log.scrollTop = last;
    }
    if (root.offsetParent === null) root.dispatchEvent(new CustomEvent("unseen"));
  }).observe(log, { childList: true });
  new ResizeObserver(() => { if (following) log.scrollTop = log.scrollHeight; }).observe(log); // also when it comes into view
}

/** On narrow screens one side is seen at a time; the others say how much has come in meanwhile. */
function switcher(kind) {
  const panel = $(kind);
  const views = table.views.filter((view) => view.kind === kind);
  const choices = views.map(({ root, person }, i) => {
    const count = element("span", { className: "count" });
    const choice = element("button", { type: "button" }, person.name, " ", count);
    let unseen = 0;
    const tell = () => { count.textContent = unseen ? `${unseen} new` : ""; };
    root.addEventListener("unseen", () => { if (!panel.hidden) { unseen += 1; tell(); } });
    const choose = () => {
      unseen = 0;
      tell();
      views.forEach((view) => { view.root.dataset.chosen = String(view.root === root); });
      choices.forEach((other) => other.setAttribute("aria-pressed", String(other === choice)));
    };
    choice.addEventListener("click", choose);
    choice.setAttribute("aria-pressed", String(i === 0));
    root.dataset.chosen = String(i === 0);
    return choice;
  });
  panel.querySelector(".switch").replaceChildren(...choices);
}

// --- what the assistant saw ---

let inspected = 0;
function inspect({ chat, message, author, signals, verdict, nudges, micros }) {
  if ([...$("seen").children].some((entry) => entry.dataset.of === message)) return;
  inspected += 1;
  const by = Object.values(table.people).find(({ id }) => id === (author?.id ?? author));
  const where = chat === table.room ? "in the room" : "in the talk between two";
  const entry = element("article", { className: "seen" },
    element("h3", {}, element("bdi", {}, by?.name ?? "Somebody"), ` ${where}`),
    element("p", { className: "seen-sum" },
      element("span", { className: "chip" }, verdict), " ", element("span", { className: "soft" }, `${Math.round(micros)} µs`)));
  entry.dataset.of = message;
  entry.dataset.verdict = verdict;
  if (!signals.length) entry.append(element("p", { className: "soft" }, "No signals."));
  else entry.append(signalTable(signals, writing(chat, by?.id, message), `Signals of message ${inspected}`));
  for (const { to, audience, prompt, tone, title } of nudges) {
    entry.append(element("p", { className: "seen-nudge" },
      element("span", { className: "chip" }, tone), ` to ${to.join(", ")}: `, element("q", {}, title), " ",
      element("code", {}, [prompt, audience].filter(Boolean).join(" · "))));
  }
  $("seen").prepend(entry);
  while ($("seen").children.length > SHOWN_AT_ONCE) $("seen").lastElementChild.remove();
  $("seen-count").textContent = `${$("seen").children.length} ${$("seen").children.length === 1 ? "message" : "messages"}`;
}

/** A message in its author's own words, as their column shows it. */
function writing(chat, author, message) {
  const own = table.views.find(({ person, kind }) => person.id === author && table[kind] === chat);
  return own?.words(message) ?? "";
}

const shorten = (words) => `“${words.length > 60 ? `${words.slice(0, 59)}…` : words}”`;

function signalTable(signals, text, label) {
  const row = (cell, ...cells) => element("tr", {}, ...cells.map((inside) => element(cell, {}, inside)));
  const rows = signals.map(({ kind, reason, reader, rule, certainty, start, end, disguised }) => row("td",
    [kind, reason].filter(Boolean).join(": "),
    CERTAINTIES[certainty] ?? certainty,
    element("code", {}, [reader, rule].filter(Boolean).join(" · ")),
    [start == null ? "the whole message" : shorten([...text].slice(start, end).join("")), disguised ? "(disguised)" : ""].join(" ")));
  return element("div", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: label },
    element("table", {},
      element("thead", {}, row("th", "Signal", "Certainty", "Read by", "Where")),
      element("tbody", {}, ...rows)));
}

// --- the page around it ---

function banner(words) {
  $("banner").textContent = words;
}

/** Says a message once to those who listen to the page, however many columns show it. */
const spoken = [];
function speak(id, words) {
  if (spoken.includes(id)) return;
  spoken.push(id);
  spoken.splice(0, spoken.length - 200);
  $("spoken").append(element("p", {}, words));
  while ($("spoken").children.length > 5) $("spoken").firstElementChild.remove();
}

function tabs() {
  const all = [...document.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const other of all) {
      other.setAttribute("aria-selected", String(other === tab));
      other.tabIndex = other === tab ? 0 : -1;
      $(other.getAttribute("aria-controls")).hidden = other !== tab;
    }
  };
  all.forEach((tab, i) => {
    tab.addEventListener("click", () => choose(tab));
    tab.addEventListener("keydown", ({ key }) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
      const next = key === "Home" ? all[0] : key === "End" ? all.at(-1) : step && all[(i + step + all.length) % all.length];
      if (!next) return;
      choose(next);
      next.focus();
    });
  });
}

/** Leaving quickly: nothing to see first, then away, without a way back by the back button. */
function quickExit() {
  const to = $("exit").href;
  const leave = () => {
    document.title = "…";
    document.documentElement.replaceChildren();
    hangUp();
    location.replace(to);
  };
  $("exit").addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  let presses = [];
  document.addEventListener("keydown", ({ key, repeat, timeStamp }) => {
    if (key !== "Shift") { presses = []; return; }
    if (repeat) return;
    presses = [...presses.filter((at) => timeStamp - at < 5_000), timeStamp];
    if (presses.length === 3) return leave();
    const left = 3 - presses.length;
    $("said").textContent = left === 2 ? "" : "Press Shift once more to leave this page.";
  });
  addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
}

tabs();
quickExit();
$("again").addEventListener("click", async () => {
  await open();
  $("said").textContent = "A new chat has been opened.";
});
await open();
