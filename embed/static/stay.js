// Keeps a session while somebody types, and warns before it ends (WCAG 2.2.1). Without this script
// what was typed is shown once more, see portal/left.
//
//   <div role="alert" data-stay="1800" hidden>
//     <p data-soon>…</p> <p data-over hidden>…</p> <p data-typed hidden>…</p> <button type="button">…</button>
//   </div>
//
// data-stay is how many seconds a session lasts that nobody uses. Whoever only looks counts as
// gone: what is left open at a desk must end.

const often = 5000; // milliseconds between two looks at the clock
const warning = 120000; // before the end
const box = () => document.querySelector("[data-stay]"); // a form that was sent may have put another page here
let used = Date.now(); // when the server was last asked for something
let typed = 0;
let ended = false;
let before = null; // what had the focus when the warning came

// Another page of the same session keeps it too: none may say that it ends when it goes on.
const pages = self.BroadcastChannel ? new BroadcastChannel("stay") : null;
pages?.postMessage("");
pages?.addEventListener("message", () => {
  used = Date.now();
  hide();
});

// stay lets the session go on, if there still is one.
async function stay() {
  const last = used;
  used = Date.now(); // the next look asks nothing meanwhile
  const answer = await fetch("/stay", { redirect: "manual" }).catch(() => null);
  if (answer?.ok) {
    hide();
    pages?.postMessage("");
  } else if (answer?.status === 403) {
    over();
  } else {
    used = last; // no network, or the machine begins anew
  }
}

function show() {
  if (!box().hidden) return;
  before = document.activeElement;
  box().hidden = false;
}

function hide() {
  const focus = box().contains(document.activeElement);
  box().hidden ||= !ended;
  if (focus) before?.focus();
}

function over() {
  ended = true;
  clearInterval(clock);
  const focus = box().contains(document.activeElement);
  for (const e of box().querySelectorAll("[data-soon], button")) e.hidden = true;
  box().querySelector("[data-over]").hidden = false;
  box().querySelector("[data-typed]").hidden = typed === 0;
  box().hidden = false;
  if (focus) before?.focus();
}

// At the end the server is asked, for what a page fetches beside keeps the session too.
function look() {
  if (!box()) return;
  const life = box().dataset.stay * 1000;
  const idle = Date.now() - used;
  if (idle > life || typed > used && idle > life / 6) stay();
  else if (idle > life - warning) show();
}

const clock = setInterval(look, often);
for (const what of ["input", "keydown"]) {
  document.addEventListener(what, () => {
    typed = Date.now();
    if (box() && !box().hidden && !ended) look();
  });
}
document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-stay] button")) stay();
});
