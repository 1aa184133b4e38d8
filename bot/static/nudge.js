/**
 * Shows the safety assistant's nudges in a chat, on top of any object with `on` and `emit` (answer function last).
 *
 *     attachNudges(io, { log, status, chat, input, onLeave, onBlock, onPanel })
 *
 * `log` holds the messages (`[data-message="<id>"]`) and must not be a live region: a nudge has buttons, and a live
 * region would read them out as one flat string. `status` is an always present, visually hidden `role="status"`
 * outside of it, and says one short sentence. `onPanel` opens the safety panel; without it the panel is shown in the chat.
 *
 * Each nudge is a `<porchlight-nudge>`, which can be used alone: `element.show(nudge, { io, announce, more, ... })`.
 * All its words come with the nudge, in the reader's language. Its colours are the `--nudge-*` of nudge.css.
 * Nothing here moves the focus by itself, and nothing needs more than `script-src 'self'; style-src 'self'`.
 */

const PATIENCE = 8_000; // for the answer to a press
const SAFE_TAGS = new Set(["p", "em", "strong", "ul", "ol", "li", "blockquote", "br"]);
const TONES = new Set(["tip", "warning", "urgent"]);
const LINKS = new Set(["learn", "helpline", "appeal"]);
const policy = globalThis.trustedTypes?.createPolicy("porchlight", { createHTML: (html) => html });

let serial = 0;
const titles = new Map(); // title -> how often it was shown on this page

export function attachNudges(io, { log, status, chat, input, ...heard }) {
  const shown = new Set();
  const announce = announcer(status);

  /** Shows a nudge once: after `after`, else after the message it is about, else at the end. */
  function show(nudge, after = null) {
    if (chat && nudge.chat !== chat) return null;
    if (nudge.confirm) io.emit("safety:shown", { id: nudge.id });
    if (shown.has(nudge.id)) return null;
    shown.add(nudge.id);
    const section = document.createElement("porchlight-nudge");
    section.show(nudge, { io, announce, more: show, onGone: () => input?.focus(), ...heard });
    if (after) after.after(section);
    else place(log, section, nudge.message);
    announce(`${nudge.words[toneOf(nudge)]}: ${nudge.title}`);
    return section;
  }

  io.on("nudge", (nudge) => show(nudge));
  return { show };
}

/** One nudge. `announce` says a sentence, `more(nudge, after)` shows what comes of a press, `onGone` takes the focus when it had it. */
export class PorchlightNudge extends HTMLElement {
  #nudge;
  #with;

  show(nudge, parts) {
    this.#nudge = nudge;
    this.#with = { announce: () => {}, ...parts };
    const { words } = nudge;
    const own = { lang: nudge.locale, dir: "auto" };
    const titleId = `nudge-title-${serial += 1}`;
    const times = (titles.get(nudge.title) ?? 0) + 1; // a title seen before gets a number, so that no two regions share a name
    titles.set(nudge.title, times);
    const body = element("div", { className: "nudge-body", ...own });
    body.append(safe(nudge.html));
    if (!body.textContent.trim()) body.textContent = nudge.text;
    this.className = "nudge";
    this.setAttribute("role", "region");
    this.dataset.tone = toneOf(nudge);
    this.dataset.nudge = nudge.id;
    this.setAttribute("aria-labelledby", `${titleId} ${titleId}-again`);
    this.replaceChildren(
      element("p", { className: "nudge-label", lang: nudge.locale }, words.label),
      element("h3", { id: titleId, className: "nudge-title", ...own }, nudge.title),
      element("span", { id: `${titleId}-again`, hidden: true }, times > 1 ? String(times) : ""),
      body,
      ...this.#controls(),
    );
    if (nudge.why) {
      const kept = nudge.privacy && link(words.privacy, nudge.privacy);
      this.append(element("details", { className: "nudge-why", ...own },
        element("summary", {}, words.why), element("p", {}, nudge.why), ...(kept ? [element("p", {}, kept)] : [])));
    }
    this.onkeydown = (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.#dismiss(nudge.actions.find(({ kind }) => kind === "dismiss"));
    };
  }

  #controls() {
    const answers = element("div", { className: "nudge-answers" });
    const buttons = element("div", { className: "nudge-actions" });
    const can = { leave: this.#with.onLeave, block: this.#with.onBlock };
    for (const action of this.#nudge.actions) {
      if (action.kind in can && !can[action.kind]) continue; // a button that does nothing is a broken promise
      const control = action.href && LINKS.has(action.kind) ? link(action.label, action.href) : button(action.label);
      if (!control) continue;
      control.dataset.action = action.kind;
      control.classList.add("nudge-action");
      if (control.tagName === "BUTTON") {
        const answer = element("div", { className: "nudge-answer" });
        answers.append(answer);
        control.addEventListener("click", () => this.#act(action, control, answer));
      }
      buttons.append(control);
    }
    return [buttons, answers];
  }

  #act(action, control, answer) {
    const { chat } = this.#nudge;
    const { onPanel, onLeave, onBlock } = this.#with;
    if (action.kind === "dismiss") return this.#dismiss(action);
    if (action.kind === "panel" && onPanel) return onPanel(chat);
    if (action.token) this.#press(action, control, answer);
    if (action.kind === "leave") onLeave?.(chat);
    if (action.kind === "block") onBlock?.(chat);
  }

  #dismiss(action) {
    if (action?.token) this.#with.io.emit("safety:press", { token: action.token });
    const hadFocus = this.contains(document.activeElement);
    this.remove();
    if (hadFocus) this.#with.onGone?.();
  }

  /** One click, one answer. An answer that comes late still counts and replaces the excuse for its absence. */
  #press(action, control, answer) {
    if (control.getAttribute("aria-disabled") === "true") return;
    const { words } = this.#nudge;
    const { io, announce, more } = this.#with;
    busy(control, words.sending);
    const timer = setTimeout(() => {
      ready(control, action.label);
      this.#tell(answer, words.unsent);
    }, PATIENCE);
    io.emit("safety:press", { token: action.token }, (reply) => {
      clearTimeout(timer);
      if (!reply || reply.error) {
        ready(control, action.label);
        return this.#tell(answer, words.failed, reply?.error);
      }
      busy(control, reply.receipt ? words.reported : action.label);
      control.dataset.done = "";
      answer.replaceChildren();
      if (reply.receipt) answer.append(this.#receipt(reply.receipt));
      else if (!reply.nudges?.length) answer.append(element("p", {}, action.kind === "wrong" ? words.noted : words.done));
      if (reply.undo) answer.append(this.#undo(reply.undo, reply.receipt?.at, { control, label: action.label, answer }));
      announce(reply.receipt ? `${words.reported}. ${words.number}: ${reply.receipt.number}` : words.done);
      answer.scrollIntoView({ block: "nearest" });
      let last = this;
      for (const next of reply.nudges ?? []) last = more?.(next, last) ?? last;
    });
  }

  #receipt({ number, href }) {
    const { words } = this.#nudge;
    const follow = link(words.follow, href);
    return element("div", { className: "receipt" },
      element("p", {}, words.thanks),
      element("p", {}, `${words.number}: `, element("strong", { className: "receipt-number" }, number)),
      ...(follow ? [element("p", {}, follow)] : []));
  }

  /** An undo button that is there for as long as undo lasts, told by the server's clock and not by this machine's. */
  #undo({ token, until }, at, { control, label, answer }) {
    const { words, locale } = this.#nudge;
    const now = Date.now() / 1000;
    const lasts = until - (at ?? now);
    const time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const undo = button(words.undo);
    undo.dataset.action = "undo";
    const row = element("div", { className: "nudge-undo" }, undo,
      element("span", {}, words.undo_until.replace("{time}", time.format((now + lasts) * 1000))));
    const expiry = setTimeout(() => {
      const hadFocus = row.contains(document.activeElement);
      row.remove();
      if (hadFocus) control.focus();
    }, Math.min(lasts * 1000, 2 ** 31 - 1));
    undo.addEventListener("click", () => {
      if (undo.getAttribute("aria-disabled") === "true") return;
      busy(undo, words.sending);
      const timer = setTimeout(() => ready(undo, words.undo), PATIENCE);
      this.#with.io.emit("safety:press", { token }, (reply) => {
        clearTimeout(timer);
        if (!reply || reply.error) {
          ready(undo, words.undo);
          row.append(element("span", {}, `${words.failed} ${reply?.error ?? ""}`));
          return;
        }
        clearTimeout(expiry);
        ready(control, label);
        delete control.dataset.done;
        if (row.contains(document.activeElement)) control.focus();
        this.#tell(answer, words.undone);
      });
    });
    return row;
  }

  #tell(answer, words, detail = "") {
    answer.replaceChildren(element("p", {}, words), ...(detail ? [element("p", { dir: "auto" }, detail)] : []));
    answer.scrollIntoView({ block: "nearest" });
    this.#with.announce(words);
  }
}

customElements.define("porchlight-nudge", PorchlightNudge);

const toneOf = (nudge) => (TONES.has(nudge.tone) ? nudge.tone : "tip");

/** Puts a nudge after its message and the nudges already there; one that comes before its message waits for it. */
function place(log, section, message) {
  const about = () => message && [...log.querySelectorAll("[data-message]")].find((item) => item.dataset.message === message);
  const settle = (item) => {
    let last = item;
    while (last.nextElementSibling?.classList.contains("nudge") && last.nextElementSibling !== section) last = last.nextElementSibling;
    last.after(section);
  };
  const item = about();
  if (item) return settle(item);
  log.append(section);
  if (!message) return;
  const waiting = new MutationObserver(() => {
    const late = about();
    if (!late && section.isConnected) return;
    waiting.disconnect();
    if (late && section.isConnected && !section.contains(document.activeElement)) settle(late);
  });
  waiting.observe(log, { childList: true });
}

/** One short sentence at a time; what comes together is said together, and the same words can be said again. */
function announcer(status) {
  let sentences = [];
  return (sentence) => {
    sentences.push(sentence);
    if (sentences.length > 1) return;
    status.textContent = "";
    setTimeout(() => { status.textContent = sentences.splice(0).map((one) => one.replace(/[^.!?…]$/, "$&.")).join(" "); }, 150);
  };
}

/** Builds anew what is allowed of the server's HTML: a few tags, links to https or this site, no other attribute. */
function safe(html) {
  const parsed = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
  const copy = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.data];
    if (node.nodeType !== Node.ELEMENT_NODE) return [];
    const name = node.localName;
    if (name === "script" || name === "style" || name === "template") return [];
    const inside = [...node.childNodes].flatMap(copy);
    if (SAFE_TAGS.has(name)) return [element(name, {}, ...inside)];
    const anchor = name === "a" && link("", node.getAttribute("href") ?? "");
    if (!anchor) return inside;
    anchor.append(...inside);
    return [anchor];
  };
  const fragment = document.createDocumentFragment();
  fragment.append(...[...parsed.body.childNodes].flatMap(copy));
  return fragment;
}

/** A link that opens apart, or nothing if it leads anywhere but to https, this site or a telephone. */
function link(label, href) {
  if (!URL.canParse(href, location.href)) return null;
  const to = new URL(href, location.href);
  if (to.protocol === "tel:") return element("a", { href: to.href }, label);
  if (to.protocol !== "https:" && to.origin !== location.origin) return null;
  return element("a", { href: to.href, target: "_blank", rel: "noopener noreferrer" }, label);
}

const button = (label) => element("button", { type: "button" }, label);

function busy(control, words) {
  control.setAttribute("aria-disabled", "true");
  control.textContent = words;
}

function ready(control, words) {
  control.removeAttribute("aria-disabled");
  control.textContent = words;
}

function element(name, properties, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}
