// Keeps the trap's page up to date. Without it the page reloads itself.
"use strict";

const seconds = 1.5;

async function look() {
  try {
    const state = await (await fetch("/state")).json();
    document.getElementById("time").textContent = state.time;
    document.getElementById("day").textContent = state.day;
    if (String(state.version) !== document.body.dataset.version) await renew();
  } catch {
    // The demo was stopped; it may come back.
  }
  setTimeout(look, seconds * 1000);
}

// renew puts the new lists in place of the old ones. What was opened or closed
// by hand stays so, and so does the focus.
async function renew() {
  const next = new DOMParser().parseFromString(await (await fetch("/")).text(), "text/html");
  for (const box of next.querySelectorAll("details[id]")) {
    const old = document.getElementById(box.id);
    if (old) box.open = old.open;
  }
  const focus = document.activeElement && document.activeElement.closest("form");
  const action = focus && focus.getAttribute("action");
  for (const id of ["messages", "clock"]) document.getElementById(id).replaceWith(next.getElementById(id));
  if (action) document.querySelector(`form[action="${action}"] button`)?.focus();
  document.body.dataset.version = next.body.dataset.version;
}

setTimeout(look, seconds * 1000);
