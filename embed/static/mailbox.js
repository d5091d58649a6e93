// Makes a mailbox quicker for who works in it all day: one press chooses every letter of
// the page, and single keys do what the buttons do. The keys rest while a field has the
// focus, and can be turned off (WCAG 2.2, 2.1.4); that is kept in this browser alone.

const boxes = () => [...document.querySelectorAll('.mails input[name="id"]')];

const choose = document.querySelector("[data-choose]");
choose?.addEventListener("click", (event) => {
  event.preventDefault();
  const all = !boxes().every((box) => box.checked);
  for (const box of boxes()) box.checked = all;
});

const off = "sigill-keys-off";
const keys = document.querySelector("[data-keys]");
const dialog = keys?.querySelector("dialog");
if (dialog?.showModal) {
  keys.hidden = false;
  const on = keys.querySelector("[data-keys-on]");
  on.checked = !stored();
  on.addEventListener("change", () => keep(!on.checked));
  keys.querySelector("[data-keys-show]").addEventListener("click", () => dialog.showModal());
  document.addEventListener("keydown", pressed);
}

// A browser may refuse to keep anything; then the keys are as they were at the start.
function stored() {
  try { return localStorage.getItem(off) !== null; } catch { return false; }
}

function keep(isOff) {
  try { isOff ? localStorage.setItem(off, "1") : localStorage.removeItem(off); } catch { /* see above */ }
}

function pressed(event) {
  const inField = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
  if (inField || event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key === "#") return;
  if (!keys.querySelector("[data-keys-on]").checked) return;
  const act = acts[event.key];
  if (act && act() !== false) event.preventDefault();
}

const acts = {
  j: () => step(1),
  k: () => step(-1),
  o: () => row()?.querySelector("a.main")?.click() ?? false,
  x: () => row()?.querySelector('input[name="id"]')?.click() ?? false,
  "#": trash,
  u: () => follow(document.querySelector("[data-back]") ?? document.querySelector('.side a[href="/mail"]')),
  c: () => follow(document.querySelector(".side a.write")),
  "/": () => { const field = document.querySelector('[role=search] [name="q"]'); return field ? field.focus() : follow(document.querySelector("[data-seek]")); },
  "?": () => dialog.showModal(),
};

// row is the letter that has the focus.
function row() { return document.activeElement?.closest(".mails > li"); }

function step(by) {
  const links = [...document.querySelectorAll(".mails a.main")];
  if (!links.length) return false;
  const at = links.indexOf(row()?.querySelector("a.main"));
  links[at < 0 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1)].focus();
}

function follow(link) {
  if (!link) return false;
  link.click();
}

// trash moves the letter that is open, or those that are chosen, or the one with the focus.
function trash() {
  const open = document.querySelector("form[data-trash]");
  if (open) { open.querySelector("button").click(); return; }
  const button = document.querySelector('.bulk button[name="do"][value="trash"]');
  if (!button) return false;
  if (!boxes().some((box) => box.checked)) {
    const box = row()?.querySelector('input[name="id"]');
    if (!box) return false;
    box.checked = true;
  }
  button.click();
}
