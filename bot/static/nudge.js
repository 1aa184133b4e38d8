/**
 * Shows the safety assistant's nudges in a chat, on top of any object with `on` and `emit` (answer function last).
 *
 *     attachNudges(io, { log, status, chat, input, onLeave, onBlock, onPanel })
 *
 * `log` holds the messages (`[data-message="<id>"]`) and must not be a live region: a nudge has buttons, and a live
 * region would read them out as one flat string. `status` is an always present, visually hidden `role="status"`
 * outside of it, and says one short sentence. `onPanel` opens the safety panel; without it the panel is shown in the chat.
 * Nothing here moves the focus by itself.
 */

const WORDS = {
  label: "Safety assistant, automatic",
  why: "Why am I seeing this?",
  privacy: "What the assistant reads and keeps",
  announce: { tip: "Safety tip", warning: "Safety note", urgent: "Important safety note" },
  sending: "Sending …",
  unsent: "That could not be sent. Nothing is lost: please try again. Twice counts as once.",
  failed: "That did not work just now. You can try again.",
  done: "Done.",
  noted: "Thank you. That is noted.",
  reported: "Reported",
  thanks: "Thank you for telling us. A moderator will read it. The other person is not told who reported.",
  number: "Your receipt",
  follow: "Follow what becomes of it",
  undo: "Undo",
  undoUntil: (time) => `You can take it back until ${time}.`,
  undone: "Taken back.",
};
const PATIENCE = 8_000; // for the answer to a press
const SAFE_TAGS = new Set(["p", "em", "strong", "ul", "ol", "li", "blockquote", "br"]);
const TONES = new Set(["tip", "warning", "urgent"]);
const policy = globalThis.trustedTypes?.createPolicy("porchlight", { createHTML: (html) => html });

let serial = 0;
const titles = new Map(); // title -> how often it was shown on this page

export function attachNudges(io, { log, status, chat, input, onLeave, onBlock, onPanel }) {
  const shown = new Set();
  const announce = announcer(status);

  /** Shows a nudge once: after `after`, else after the message it is about, else at the end. */
  function show(nudge, after = null) {
    if (chat && nudge.chat !== chat) return null;
    if (nudge.confirm) io.emit("safety:shown", { id: nudge.id });
    if (shown.has(nudge.id)) return null;
    shown.add(nudge.id);
    const section = render(nudge);
    if (after) after.after(section);
    else place(log, section, nudge.message);
    announce(`${WORDS.announce[toneOf(nudge)]}: ${nudge.title}`);
    return section;
  }

  function render(nudge) {
    const titleId = `nudge-title-${serial += 1}`;
    const title = element("h3", { id: titleId, className: "nudge-title", lang: nudge.locale, dir: "auto" }, nudge.title);
    const times = (titles.get(nudge.title) ?? 0) + 1; // a title seen before gets a number, so that no two regions share a name
    titles.set(nudge.title, times);
    const again = element("span", { id: `${titleId}-again`, hidden: true }, times > 1 ? String(times) : "");
    const body = element("div", { className: "nudge-body", lang: nudge.locale, dir: "auto" });
    body.append(safe(nudge.html));
    if (!body.textContent.trim()) body.textContent = nudge.text;
    const answers = element("div", { className: "nudge-answers" });
    const buttons = element("div", { className: "nudge-actions" });
    const section = element("section", { className: "nudge" }, element("p", { className: "nudge-label" }, WORDS.label), title, again, body);
    section.dataset.tone = toneOf(nudge);
    section.dataset.nudge = nudge.id;
    section.setAttribute("aria-labelledby", `${titleId} ${titleId}-again`);
    for (const action of nudge.actions) {
      const control = action.href && ["learn", "helpline", "appeal"].includes(action.kind) ? link(action.label, action.href) : button(action.label);
      if (!control) continue;
      control.dataset.action = action.kind;
      control.classList.add("nudge-action");
      if (control.tagName === "BUTTON") {
        const answer = element("div", { className: "nudge-answer" });
        answers.append(answer);
        control.addEventListener("click", () => act(action, control, { nudge, section, answer }));
      }
      buttons.append(control);
    }
    section.append(buttons, answers);
    if (nudge.why) {
      const why = element("p", { lang: nudge.locale, dir: "auto" }, nudge.why);
      const kept = nudge.privacy && link(WORDS.privacy, nudge.privacy);
      const more = kept ? [element("p", {}, kept)] : [];
      section.append(element("details", { className: "nudge-why" }, element("summary", {}, WORDS.why), why, ...more));
    }
    section.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      dismiss(section, nudge.actions.find(({ kind }) => kind === "dismiss"));
    });
    return section;
  }

  function act(action, control, parts) {
    if (action.kind === "dismiss") return dismiss(parts.section, action);
    if (action.kind === "panel" && onPanel) return onPanel(parts.nudge.chat);
    if (action.token) press(action, control, parts);
    if (action.kind === "leave") onLeave?.(parts.nudge.chat);
    if (action.kind === "block") onBlock?.(parts.nudge.chat);
  }

  function dismiss(section, action) {
    if (action?.token) io.emit("safety:press", { token: action.token });
    const hadFocus = section.contains(document.activeElement);
    section.remove();
    if (hadFocus) input?.focus();
  }

  /** One click, one answer. An answer that comes late still counts and replaces the excuse for its absence. */
  function press(action, control, { nudge, section, answer }) {
    if (control.getAttribute("aria-disabled") === "true") return;
    const label = action.label;
    busy(control, WORDS.sending);
    const timer = setTimeout(() => {
      ready(control, label);
      tell(answer, WORDS.unsent);
    }, PATIENCE);
    io.emit("safety:press", { token: action.token }, (reply) => {
      clearTimeout(timer);
      if (!reply || reply.error) {
        ready(control, label);
        return tell(answer, WORDS.failed, reply?.error);
      }
      busy(control, reply.receipt ? WORDS.reported : label);
      control.dataset.done = "";
      answer.replaceChildren();
      if (reply.receipt) answer.append(receipt(reply.receipt));
      else if (!reply.nudges?.length) answer.append(element("p", {}, action.kind === "wrong" ? WORDS.noted : WORDS.done));
      if (reply.undo) answer.append(undoing(reply.undo, reply.receipt?.at, { control, label, answer, nudge }));
      announce(reply.receipt ? `${WORDS.reported}. ${WORDS.number}: ${reply.receipt.number}` : WORDS.done);
      answer.scrollIntoView({ block: "nearest" });
      let last = section;
      for (const more of reply.nudges ?? []) last = show(more, last) ?? last;
    });
  }

  function receipt({ number, href }) {
    const follow = link(WORDS.follow, href);
    return element("div", { className: "receipt" },
      element("p", {}, WORDS.thanks),
      element("p", {}, `${WORDS.number}: `, element("strong", { className: "receipt-number" }, number)),
      ...(follow ? [element("p", {}, follow)] : []));
  }

  /** An undo button that is there for as long as undo lasts, told by the server's clock and not by this machine's. */
  function undoing({ token, until }, at, { control, label, answer, nudge }) {
    const now = Date.now() / 1000;
    const lasts = until - (at ?? now);
    const time = new Intl.DateTimeFormat(nudge.locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const undo = button(WORDS.undo);
    undo.dataset.action = "undo";
    const row = element("div", { className: "nudge-undo" }, undo, element("span", {}, WORDS.undoUntil(time.format((now + lasts) * 1000))));
    const expiry = setTimeout(() => {
      const hadFocus = row.contains(document.activeElement);
      row.remove();
      if (hadFocus) control.focus();
    }, Math.min(lasts * 1000, 2 ** 31 - 1));
    undo.addEventListener("click", () => {
      if (undo.getAttribute("aria-disabled") === "true") return;
      busy(undo, WORDS.sending);
      const timer = setTimeout(() => ready(undo, WORDS.undo), PATIENCE);
      io.emit("safety:press", { token }, (reply) => {
        clearTimeout(timer);
        if (!reply || reply.error) {
          ready(undo, WORDS.undo);
          row.append(element("span", {}, `${WORDS.failed} ${reply?.error ?? ""}`));
          return;
        }
        clearTimeout(expiry);
        ready(control, label);
        delete control.dataset.done;
        if (row.contains(document.activeElement)) control.focus();
        tell(answer, WORDS.undone);
      });
    });
    return row;
  }

  function tell(answer, words, detail = "") {
    answer.replaceChildren(element("p", {}, words), ...(detail ? [element("p", { dir: "auto" }, detail)] : []));
    answer.scrollIntoView({ block: "nearest" });
    announce(words);
  }

  io.on("nudge", (nudge) => show(nudge));
  return { show };
}

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
  let words = [];
  return (sentence) => {
    words.push(sentence);
    if (words.length > 1) return;
    status.textContent = "";
    setTimeout(() => { status.textContent = words.splice(0).map((one) => one.replace(/[^.!?…]$/, "$&.")).join(" "); }, 150);
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
