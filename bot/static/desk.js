/**
 * The desk without a mouse, and reading that is said by reading. Everything here can be done without scripts as well.
 *
 * j/k walk through what is marked `data-step`, c presses the button that takes a case or gives it back, n and d go to the note
 * and the decision, / to the search, u back to the list, ? opens the help. Keys do nothing while somebody writes.
 */

const steps = () => [...document.querySelectorAll("[data-step]")];
const first = (...selectors) => selectors.map((one) => document.querySelector(one)).find(Boolean);
const dialog = document.querySelector("dialog#keys");

function step(by) {
  const all = steps();
  if (!all.length) return;
  const here = all.findIndex((one) => one === document.activeElement || one.contains(document.activeElement));
  const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1)];
  next.focus();
  (next.closest("li") ?? next).scrollIntoView({ block: next.offsetHeight > innerHeight ? "start" : "nearest" });
}

function goTo(target) {
  target?.focus();
  target?.scrollIntoView({ block: "center" });
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  c: () => first("[data-act=claim]", "[data-act=release]", "[data-act=take-over]")?.click(),
  n: () => goTo(first("[data-note]")),
  d: () => goTo(first("[data-decide]")),
  "/": () => goTo(first("[data-search]")),
  u: () => first("[data-back]")?.click(),
  "?": () => dialog?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog?.open) return;
  if (event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.querySelector("[data-key-help]")?.addEventListener("click", (event) => {
  if (!dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  dialog.showModal();
});

/** The words after an act stand in the address; loading the page again must not say them once more. */
const here = new URL(location.href);
if (here.searchParams.has("done")) {
  here.searchParams.delete("done");
  history.replaceState(null, "", here);
}

/**
 * "A person has read it" must be true. So it is sent when somebody has come to the end of the reports, has stayed there for a moment
 * with the page before them, and has touched anything at all on it: what fetches or renders pages ahead of time does none of that.
 * The button stays for whoever is faster, and for browsers without scripts.
 */
const STAY = 2_500;
const form = document.querySelector("form[data-read]");
if (form) {
  let touched = false;
  let atEnd = false;
  let timer = 0;
  const look = () => {
    clearTimeout(timer);
    if (touched && atEnd && document.visibilityState === "visible" && !document.prerendering) timer = setTimeout(send, STAY);
  };
  const touch = (event) => {
    if (!event.isTrusted || touched) return;
    touched = true;
    look();
  };
  const watch = new IntersectionObserver((entries) => {
    atEnd = entries.at(-1).isIntersecting;
    look();
  });
  async function send() {
    watch.disconnect();
    const body = new URLSearchParams([...new FormData(form), ["stay", "1"]]);
    const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
    if (answer?.status !== 204) return; // the button is still there
    const words = document.createElement("p");
    words.textContent = "Read: whoever reported hears that a person has read it.";
    words.setAttribute("role", "status");
    form.replaceChildren(words);
    for (const mark of document.querySelectorAll(".report .new")) mark.remove();
  }
  for (const kind of ["pointerdown", "keydown", "wheel", "touchmove"]) document.addEventListener(kind, touch, { passive: true });
  document.addEventListener("visibilitychange", look);
  watch.observe(form);
}
