// Says what is known of a recipient as soon as the address is complete: which number a letter
// would go to, and how old that is. Without this script the summary says it.
//
//   <fieldset data-known="path" data-box="…" data-look="…">
//     <div class="pair"> <input name="to"> … </div>
//
// A POST of address and box to the path answers {words, look: […]}. It is asked when the
// address has been changed and left, and not before: each answer is counted.

const told = new WeakMap(); // by the field: the place, and which address it speaks of

function place(pair) {
  const p = document.createElement("p");
  p.className = "quiet known";
  p.setAttribute("role", "status");
  pair.append(p);
  return p;
}

async function tell(input) {
  const around = input.closest("[data-known]");
  const pair = input.closest(".pair");
  if (!around || !pair) return;
  const address = input.value.trim();
  if (!told.has(input)) told.set(input, { p: place(pair), of: "" });
  const state = told.get(input);
  if (state.of === address) return;
  state.of = address;
  state.p.replaceChildren();
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(address)) return;
  try {
    const body = new URLSearchParams({ csrf: input.form.elements.csrf.value, address, box: around.dataset.box });
    const answer = await fetch(around.dataset.known, { method: "POST", body, redirect: "error" });
    if (!answer.ok || state.of !== address) return;
    const { words, look } = await answer.json();
    if (words) state.p.append(words);
    for (const text of look ?? []) {
      const tag = document.createElement("span");
      tag.className = "ds-tag";
      tag.dataset.color = "warning";
      tag.textContent = around.dataset.look;
      const line = document.createElement("span");
      line.className = "warn";
      line.append(tag, " ", text);
      state.p.append(line);
    }
  } catch { // a lost connection, or a session that is over: the summary says it
  }
}

document.addEventListener("change", (e) => {
  if (e.target.matches?.("[data-known] input[name=to]")) tell(e.target);
});
