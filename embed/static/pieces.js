// Sends the files of a draft each by itself, in pieces: a lost connection, a reload or a crash
// costs a piece and not a file. Without this script they go with the form.
//
// What goes over the wire says appliance/door/web/resume.go, what stands in the page
// template/part/sending.html. drop.js hands over what is chosen, autosave.js makes the draft.

import { keep, renew } from "./autosave.js";
import { sized } from "./drop.js";

const rapid = 2000; // milliseconds: a piece that takes less is followed by a larger one
const slow = 8000; // and one that takes more by a smaller one
const still = 30000; // without a byte a piece is given up
const longest = 30000; // between two tries

const section = document.querySelector("[data-attached]");
const form = section?.closest("form");
const rows = []; // {li, name, size, file, path, done, sum, state, …}, one a file that is not whole
const active = (row) => ["wait", "going", "compare", "lost", "out"].includes(row.state);
let running = null;
let held = null; // the button that was pressed while files are on their way

// Stop is why a file does not go on: a state, or "bad" with words.
class Stop extends Error {
  constructor(state, words = "") {
    super(state);
    Object.assign(this, { state, words });
  }
}

const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
const token = () => document.querySelector("input[name=csrf]").value;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// chain is the sum over what is there when a piece has come behind it.
async function chain(sum, bytes) {
  const all = new Uint8Array(32 + bytes.byteLength);
  all.set(sum);
  all.set(new Uint8Array(bytes), 32);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

async function read(row, from, size) {
  try {
    const bytes = await row.file.slice(from, from + size).arrayBuffer();
    if (bytes.byteLength === size) return bytes;
  } catch {
    // moved, changed or on a stick that was pulled out
  }
  throw new Stop("unread");
}

// What the page says

const words = (row, text) => text.replace("{done}", sized(row.done)).replace("{size}", sized(row.size));

// announce tells a screen reader, and the same thing once.
function announce(row, text) {
  const said = section.querySelector("[data-said]");
  if (said.textContent !== `${row.name}: ${text}`) said.textContent = `${row.name}: ${text}`;
}

// paint shows how far a file is; sent are the bytes of a piece that is under way.
function paint(row, sent = 0) {
  const now = { ...row, done: row.done + sent };
  row.li.querySelector("progress").value = Math.floor((100 * now.done) / Math.max(row.size, 1));
  const bad = !active(row) && !["paused", "whole"].includes(row.state);
  row.li.querySelector(".progress").toggleAttribute("data-bad", bad || row.state === "lost" || row.state === "out");
  const text = row.state === "bad" ? row.words : words(now, section.dataset[row.state]);
  row.li.querySelector("[data-say]").textContent = text;
  row.li.querySelector("[data-pause]").hidden = !active(row);
  row.li.querySelector("[data-go]").hidden = row.state !== "paused";
  return text;
}

function becomes(row, state, more = "") {
  if (row.state === state && state !== "bad") return;
  Object.assign(row, { state, words: more });
  const text = paint(row);
  if (state !== "wait" && state !== "compare") announce(row, text);
  release();
}

function add(file) {
  const li = document.importNode(section.querySelector("template").content.firstElementChild, true);
  const size = Object.assign(document.createElement("span"), { className: "quiet", textContent: sized(file.size) });
  li.querySelector(".main").append(file.name, " ", size);
  for (const e of li.querySelectorAll("button .ds-sr-only")) e.textContent = ` ${file.name}`;
  li.querySelector("progress").setAttribute("aria-label", `${li.querySelector("progress").getAttribute("aria-label")}: ${file.name}`);
  section.querySelector("ul").append(li);
  section.hidden = false;
  const key = hex(crypto.getRandomValues(new Uint8Array(16)));
  const row = { li, key, file, name: file.name, size: file.size, path: "", done: 0, sum: new Uint8Array(32), piece: Number(section.dataset.least), tries: 0, state: "wait" };
  rows.push(row);
  paint(row);
}

// Asking the house

// signedOut reports whether an answer is the page where one signs in, or a refusal of an old token.
const signedOut = (status, known) => status === 403 || status === 0 || (status < 300 && !known);

async function retryAfter(value) {
  await sleep(Math.min(60, Number(value) || 5) * 1000);
}

// ask returns what the house says of a file; options are made anew for a new token.
async function ask(path, options) {
  for (let again = true; ; again = false) {
    let answer;
    try {
      answer = await fetch(path, { headers: { Accept: "application/json" }, redirect: "manual", ...options() });
    } catch {
      throw new Stop("lost");
    }
    if (answer.ok) return answer.json();
    if (answer.type === "opaqueredirect" || answer.status === 403) {
      if (again && (await renewed())) continue;
      throw new Stop("out");
    }
    if (answer.status === 429) {
      await retryAfter(answer.headers.get("Retry-After"));
      continue;
    }
    refuse(answer.status, await answer.text());
  }
}

function refuse(status, text) {
  if (status === 404) throw new Stop("gone");
  if (status === 412) throw new Stop("other");
  if (status >= 500) throw new Stop("lost");
  try {
    text = JSON.parse(text).say;
  } catch {
    text = "";
  }
  throw new Stop("bad", text);
}

async function renewed() {
  try {
    return await renew(form);
  } catch {
    throw new Stop("lost");
  }
}

// put sends one piece. Only XMLHttpRequest tells how far it is.
function put(row, bytes) {
  return new Promise((done, broken) => {
    const sending = new XMLHttpRequest();
    let quiet = 0;
    const wait = () => {
      clearTimeout(quiet);
      quiet = setTimeout(() => sending.abort(), still);
    };
    row.sending = sending;
    sending.upload.addEventListener("progress", (e) => {
      wait();
      if (row.state === "going") paint(row, e.loaded);
    });
    sending.addEventListener("loadend", () => {
      clearTimeout(quiet);
      row.sending = null;
      if (sending.status) done(sending);
      else broken(new Stop("lost"));
    });
    sending.open("PATCH", row.path);
    sending.setRequestHeader("Accept", "application/json");
    sending.setRequestHeader("Content-Type", "application/partial-upload");
    sending.setRequestHeader("Upload-Offset", row.done);
    sending.setRequestHeader("If-Match", `"${hex(row.sum)}"`);
    sending.setRequestHeader("X-Sigill-Form", token());
    sending.send(bytes);
    wait();
  });
}

// The way of a file

async function begin(row) {
  if (!form.getAttribute("action").startsWith("/write/") && !(await keep(form))) throw new Stop("lost");
  const body = () => new URLSearchParams({ csrf: token(), key: row.key, name: row.name, type: row.file.type.slice(0, 200), size: row.size });
  follow(row, await ask(`${form.getAttribute("action")}/upload`, () => ({ method: "POST", body: body() })));
}

function follow(row, there) {
  row.path = there.path;
  row.li.querySelector("button[form=remove]").setAttribute("formaction", there.remove);
}

// compare finds how far the file is, and that what is there is of this one.
async function compare(row) {
  becomes(row, "compare");
  const there = await ask(row.path, () => ({}));
  follow(row, there);
  row.whole = there.whole;
  if (row.whole) return;
  let [at, sum] = row.next && hex(row.next.sum) === there.sum ? [row.next.done, row.next.sum] : [row.done, row.sum];
  if (hex(sum) !== there.sum || at !== there.done) {
    [at, sum] = [0, new Uint8Array(32)];
    for (const size of there.pieces ?? []) {
      sum = await chain(sum, await read(row, at, size));
      at += size;
      if (row.state !== "compare") return;
    }
    if (hex(sum) !== there.sum) throw new Stop("other");
  }
  Object.assign(row, { done: at, sum, unsure: false });
}

async function piece(row) {
  const size = Math.min(row.piece, row.size - row.done);
  const bytes = await read(row, row.done, size);
  row.next = { done: row.done + size, sum: await chain(row.sum, bytes) };
  if (row.state !== "going") return;
  row.unsure = true; // until the answer has come
  const begun = performance.now();
  const answer = await put(row, bytes);
  const known = answer.getResponseHeader("Upload-Offset") !== null;
  if (answer.status === 200 && known) {
    const quarter = (done) => Math.floor((4 * done) / Math.max(row.size, 1));
    const steps = quarter(row.next.done) - quarter(row.done);
    Object.assign(row, row.next, { unsure: false, tries: 0, whole: JSON.parse(answer.responseText).whole });
    const took = performance.now() - begun;
    if (took < rapid) row.piece = Math.min(Number(section.dataset.piece), 2 * row.piece);
    if (took > slow) row.piece = Math.max(Number(section.dataset.least), row.piece / 2);
    if (row.state === "going" && !row.whole) {
      const text = paint(row);
      if (steps) announce(row, text);
    }
    return;
  }
  if (answer.status === 409) return; // another window sends it too: compare
  if (answer.status === 429) return retryAfter(answer.getResponseHeader("Retry-After"));
  if (signedOut(answer.status, known)) {
    if (await renewed()) return;
    throw new Stop("out");
  }
  refuse(answer.status, answer.responseText);
}

async function run(row) {
  running = row;
  try {
    if (!row.path) await begin(row);
    if (row.state === "removed") await discard(row.li.querySelector("button[form=remove]").getAttribute("formaction"));
    if (row.state === "wait" && !row.unsure) becomes(row, "going");
    while (!row.whole && ["wait", "going", "compare"].includes(row.state)) {
      if (row.unsure) {
        await compare(row);
        if (row.state === "compare" && !row.whole) becomes(row, "going");
      } else {
        await piece(row);
      }
    }
    if (row.whole) arrived(row);
  } catch (e) {
    if (!(e instanceof Stop)) throw e;
    stopped(row, e);
  } finally {
    running = null;
    pump();
  }
}

function arrived(row) {
  if (row.state === "removed") return;
  row.done = row.size;
  rows.splice(rows.indexOf(row), 1); // first: a letter that waits for the last one goes on at once
  row.li.querySelector(".progress").hidden = true;
  row.li.querySelector(".main").append(" ", section.dataset.whole);
  becomes(row, "whole");
}

function stopped(row, why) {
  if (row.state === "paused" || !rows.includes(row)) return;
  becomes(row, why.state, why.words);
  if (why.state !== "lost" && why.state !== "out") return;
  row.unsure = Boolean(row.path);
  row.piece = Number(section.dataset.least);
  clearTimeout(row.timer);
  row.timer = setTimeout(() => wake(row), why.state === "out" ? longest : Math.min(longest, 1000 * 2 ** row.tries++));
}

// wake tries again.
function wake(row) {
  clearTimeout(row.timer);
  if (row.state !== "lost" && row.state !== "out") return;
  row.state = "wait"; // unsaid: it may be lost again at once
  pump();
}

function pump() {
  const next = !running && rows.find((row) => row.state === "wait" && row.file);
  if (next) run(next);
}

function pause(row) {
  becomes(row, "paused");
  row.unsure = Boolean(row.path);
  row.sending?.abort();
}

// What people do

function choose(file) {
  const same = (row) => row.name === file.name && row.size === file.size;
  const old = rows.find((row) => same(row) && ["half", "other", "unread"].includes(row.state));
  if (old) {
    Object.assign(old, { file, unsure: Boolean(old.path) });
    becomes(old, "wait");
  } else if (!rows.some((row) => same(row) && row.file?.lastModified === file.lastModified)) {
    add(file);
  }
}

async function remove(button) {
  const li = button.closest("li");
  const row = rows.find((r) => r.li === li);
  if (row) {
    rows.splice(rows.indexOf(row), 1);
    row.state = "removed";
    clearTimeout(row.timer);
    row.sending?.abort();
    release();
  }
  const path = button.getAttribute("formaction");
  const gone = () => {
    li.remove();
    section.hidden = !section.querySelector("ul > li");
    document.querySelector("[data-drop] input[type=file]").focus();
    section.querySelector("[data-said]").textContent = section.dataset.removed;
  };
  if (!path || (await discard(path))) return gone();
  button.form.requestSubmit(button); // what is wrong, the page says
}

// discard takes a file out of the draft, and reports whether it is out.
async function discard(path) {
  try {
    const answer = await fetch(path, { method: "POST", body: new URLSearchParams({ csrf: token() }) });
    return answer.status === 404 || (answer.ok && new URL(answer.url).pathname.startsWith("/write/"));
  } catch {
    return false;
  }
}

// release lets the letter go on for which somebody has pressed a button, when its files are there.
function release() {
  if (!held) return;
  const button = held;
  const there = !rows.some((row) => row.state !== "half");
  if (!there && rows.some(active)) return;
  held = null;
  document.querySelector("[data-held]").textContent = "";
  if (there) form.requestSubmit(button);
}

function able() {
  return section && crypto.subtle && form.requestSubmit && form.getAttribute("action");
}

if (able()) {
  for (const li of section.querySelectorAll("[data-half]")) {
    const row = { li, name: li.dataset.name, size: Number(li.dataset.size), path: li.dataset.half, done: Number(li.dataset.done) };
    rows.push({ ...row, sum: new Uint8Array(32), piece: Number(section.dataset.least), tries: 0, state: "half" });
  }

  document.addEventListener("chosen", (e) => {
    e.preventDefault();
    for (const file of e.detail) choose(file);
    pump();
  });

  section.addEventListener("click", (e) => {
    const button = e.target.closest("button");
    const row = rows.find((r) => r.li === button?.closest("li"));
    if (button?.matches("[form=remove]")) {
      e.preventDefault();
      remove(button);
    } else if (row && button.matches("[data-pause]")) {
      pause(row);
      row.li.querySelector("[data-go]").focus();
    } else if (row && button.matches("[data-go]")) {
      becomes(row, "wait");
      row.li.querySelector("[data-pause]").focus();
      pump();
    }
  });

  // Before autosave.js would lead on: a page that is left sends nothing more.
  document.addEventListener("submit", (e) => {
    if (!rows.some(active)) return;
    if (e.target !== form) {
      for (const row of rows.filter(active)) pause(row);
      return;
    }
    e.preventDefault();
    e.stopImmediatePropagation();
    held = e.submitter;
    document.querySelector("[data-held]").textContent = section.dataset.hold;
  }, true);

  addEventListener("online", () => rows.forEach(wake));
  addEventListener("focus", () => rows.forEach(wake));
  addEventListener("beforeunload", (e) => {
    if (rows.some(active)) e.preventDefault();
  });
}
