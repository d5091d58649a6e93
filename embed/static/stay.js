// Keeps a session while somebody types, and warns before it ends (WCAG 2.2.1). Without this script
// what was typed is shown once more, see portal/left.
//
//   <div role="alert" data-stay="1800" hidden>
//     <p data-soon>…</p> <p data-over hidden>…</p> <button type="button">…</button>
//   </div>
//
// data-stay is how many seconds a session lasts that nobody uses. Whoever only looks counts as
// gone: what is left open at a desk must end.

const often = 5000; // milliseconds between two looks at the clock
const warning = 120000; // before the end
const box = document.querySelector("[data-stay]");
let used = Date.now(); // when the server was last asked for something
let typed = 0;
let ended = false;

// Another page of the same session keeps it too: none may say that it ends when it goes on.
const pages = new BroadcastChannel("stay");
pages.postMessage("");
pages.addEventListener("message", () => {
  used = Date.now();
  box.hidden ||= !ended;
});

async function stay() {
  const before = used;
  used = Date.now(); // the next look asks nothing meanwhile
  const answer = await fetch("/stay", { redirect: "manual" }).catch(() => null);
  if (!answer) {
    used = before; // no network
  } else if (answer.ok) {
    box.hidden = true;
    pages.postMessage("");
  } else {
    over();
  }
}

function over() {
  ended = true;
  clearInterval(clock);
  for (const e of box.querySelectorAll("[data-soon], button")) e.hidden = true;
  box.querySelector("[data-over]").hidden = false;
  box.hidden = false;
}

function look() {
  const life = box.dataset.stay * 1000;
  const idle = Date.now() - used;
  if (idle > life) over();
  else if (typed > used && idle > life / 6) stay();
  else if (idle > life - warning) box.hidden = false;
}

const clock = setInterval(look, often);
for (const what of ["input", "keydown"]) {
  document.addEventListener(what, () => {
    typed = Date.now();
    if (!box.hidden) look();
  });
}
box.querySelector("button").addEventListener("click", stay);
