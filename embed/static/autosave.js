// Keeps a draft while it is written. Without this script there is the button that saves.
//
//   <form method="post" action="…" data-autosave data-who="…">
//     {{template "csrf" .}} <input type="hidden" name="version" value="…"> …
//     <p role="status" data-saved data-out="…" data-gone="…" data-failed="…"></p>
//     <div role="alert" data-changed hidden> … <button data-keep> … <a data-other> </div>
//
// The form is sent to its action with do=auto and without files. The answer is
// {path, version, say}: where the draft is from now on, what it is called in that state, and
// what is said. 409 with {version} says that another window has saved something else.
// data-who says who writes: a text stays theirs, also if somebody else has signed in in this
// browser since.

const pause = 2000; // milliseconds without a key
const longest = 10000; // milliseconds that somebody types without anything being kept
const little = 15000; // characters that a page may send while it is left: 64 KiB at most

const states = new WeakMap();
const open = () => [...document.querySelectorAll("form[data-autosave]")];

function stateOf(form) {
  if (!states.has(form)) states.set(form, { timer: 0, since: 0, dirty: false, changed: false, bad: false, under: null });
  return states.get(form);
}

function say(form, text, bad) {
  const place = form.querySelector("[data-saved]");
  if (place.textContent !== text) place.textContent = text;
  place.toggleAttribute("data-bad", bad);
  stateOf(form).bad = bad;
}

// renew asks for the token of a session that was begun in another window, on a page that
// lets whoever writes this write. That is where the form goes, and not where it is shown: the
// summary's address shows the form, as a fault, when something in it cannot be sent.
export async function renew(form, page = form.getAttribute("action")) {
  const answer = await fetch(page, { redirect: "manual" });
  if (!answer.ok) return false;
  const theirs = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("form[data-autosave]");
  const token = theirs?.querySelector("input[name=csrf]")?.value;
  if (!token || theirs.dataset.who !== form.dataset.who) return false;
  for (const input of document.querySelectorAll("input[name=csrf]")) input.value = token;
  return true;
}

function post(form, leaving) {
  const body = new FormData(form);
  body.delete("files");
  body.set("do", "auto");
  const keepalive = leaving && (body.get("text") || "").length < little;
  return fetch(form.getAttribute("action"), { method: "POST", body, redirect: "manual", keepalive });
}

// how is "leaving" while the page is left, "pressed" when a button leads on from it, else "".
async function send(form, how) {
  const leaving = how === "leaving";
  const s = stateOf(form);
  clearTimeout(s.timer);
  s.timer = s.since = 0;
  s.dirty = false;
  const place = form.querySelector("[data-saved]");
  try {
    let answer = await post(form, leaving);
    const none = () => answer.status === 404 || answer.status === 410; // sent, or thrown away
    const out = () => answer.type === "opaqueredirect" || answer.status === 403 || none();
    if (out() && !leaving && (await renew(form))) answer = await post(form, leaving);
    if (out()) {
      s.dirty = true;
      const gone = none() && !leaving && (await renew(form, "/write"));
      say(form, gone ? place.dataset.gone : place.dataset.out, true);
      return false;
    }
    if (answer.status === 409) {
      s.dirty = s.changed = true;
      s.other = (await answer.json()).version;
      form.querySelector("[data-changed]").hidden = false;
      say(form, "", true);
      return false;
    }
    if (!answer.ok) throw new Error(answer.status);
    const { path, version, say: words } = await answer.json();
    form.elements.version.value = version;
    form.setAttribute("action", path);
    form.querySelector("[data-other]").href = path;
    if (!how && location.pathname !== path) history.replaceState(null, "", path);
    say(form, words, false);
    return true;
  } catch {
    s.dirty = true;
    say(form, place.dataset.failed, true);
    soon(form, longest); // by itself, when the connection is back
    return false;
  }
}

// keep saves for another script, which needs the draft to be there.
export const keep = (form) => save(form);

// save lets one thing be under way at a time, or a new letter would be begun twice.
function save(form, how = "") {
  const s = stateOf(form);
  const before = s.under ?? Promise.resolve();
  const mine = before.then(() => send(form, how));
  s.under = mine;
  mine.then(() => { if (s.under === mine) s.under = null; });
  return mine;
}

function soon(form, after) {
  const s = stateOf(form);
  clearTimeout(s.timer);
  s.timer = setTimeout(() => { if (s.dirty && !s.changed) save(form); }, after);
}

function touched(form) {
  const s = stateOf(form);
  const now = performance.now();
  s.dirty = true;
  s.since ||= now;
  if (!s.changed) soon(form, Math.max(0, Math.min(pause, s.since + longest - now)));
}

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (e) => {
    const form = e.target.closest?.("form[data-autosave]");
    if (form && e.target.type !== "file" && e.target.name !== "template") touched(form);
  });
}

// What a button does, also one of another form on the page, begins with what is filled in
// being kept: who is signed out, or has lost the connection, stays here, and with the text.
let sure = null; // the form that goes now
document.addEventListener("submit", (e) => {
  const form = e.target;
  const draft = form.matches("form[data-autosave]") ? form : open().find((f) => stateOf(f).dirty);
  if (!draft || form === sure || !form.requestSubmit) return;
  e.preventDefault();
  e.stopImmediatePropagation();
  const button = e.submitter;
  const s = stateOf(draft);
  save(draft, "pressed").then((kept) => {
    if (!kept && !s.changed) return draft.querySelector("[data-saved]").scrollIntoView({ block: "center" });
    if (!kept && form !== draft) return draft.querySelector("[data-changed]").scrollIntoView({ block: "center" });
    sure = form; // of what another window has changed the page that comes says more
    s.dirty = false;
    form.requestSubmit(button);
    sure = null;
  });
}, true);

document.addEventListener("click", (e) => {
  if (!e.target.closest("[data-keep]")) return;
  const form = e.target.closest("form[data-autosave]");
  const s = stateOf(form);
  s.changed = false;
  form.elements.version.value = s.other;
  form.querySelector("[data-changed]").hidden = true;
  form.elements.text.focus();
  save(form);
});

// When it is left, or comes back after somebody has signed in elsewhere.
document.addEventListener("visibilitychange", () => {
  for (const form of open()) {
    const s = stateOf(form);
    if (s.dirty && !s.changed && (document.hidden || s.bad)) save(form, document.hidden ? "leaving" : "");
  }
});
addEventListener("pagehide", () => {
  for (const form of open()) if (stateOf(form).dirty && !stateOf(form).changed) save(form, "leaving");
});
addEventListener("beforeunload", (e) => {
  if (open().some((form) => stateOf(form).dirty && stateOf(form).bad)) e.preventDefault();
});
