// Suggests recipients while an address is typed: the combobox of ARIA's authoring practices,
// with a list to choose from by hand. Without this script there is the page of contacts.
//
//   <fieldset data-lookup="path" data-box="…" data-found="… {n} …" data-none="…" data-list="…">
//     <input name="to"> <input name="phone"> …
//
// A POST of q and box to the path answers [{name, address, phone, where}]. data-found and
// data-none are what a screen reader is told, data-list is what the list is called.

const pause = 250; // milliseconds without a key before anything is asked
let last = 0; // number of the lists so far, for their ids

function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

function lookup(input) {
  const around = input.closest("[data-lookup]");
  const phone = input.closest(".pair")?.querySelector("input[name=phone]");
  const id = `lookup-${++last}`;
  const list = element("ul", { role: "listbox", id, "aria-label": around.dataset.list, class: "lookup", hidden: "" });
  const say = element("span", { role: "status", class: "ds-sr-only" });
  let found = [];
  let at = -1;
  let taken = false; // Enter has chosen
  let lent = ""; // the number that came with who was chosen: with another it would get their code
  let timer;
  let asked; // ends what is under way

  // An address field may not be a combobox; the server looks at the address anyway.
  input.type = "text";
  input.inputMode = "email";
  for (const [k, v] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": id, autocapitalize: "none", spellcheck: "false" })) input.setAttribute(k, v);
  input.parentElement.classList.add("looking");
  input.after(list, say);

  function close() {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(n) {
    at = n;
    for (const [i, o] of [...list.children].entries()) o.setAttribute("aria-selected", String(i === n));
    if (n < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", list.children[n].id);
    list.children[n].scrollIntoView({ block: "nearest" });
  }

  function takeBack() {
    if (lent && phone.value === lent) phone.value = "";
    lent = "";
  }

  function choose(n) {
    input.value = found[n].address;
    takeBack();
    if (phone && !phone.value) phone.value = lent = found[n].phone ?? "";
    close();
    say.textContent = "";
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function show() {
    list.replaceChildren(...found.map((f, i) => {
      const o = element("li", { role: "option", id: `${id}-${i}`, "aria-selected": "false" },
        element("span", { class: "main" }, f.name ? `${f.name} ` : "", element("span", f.name ? { class: "quiet" } : {}, f.address)), " ",
        element("span", { class: "quiet" }, f.where));
      o.addEventListener("pointerdown", (e) => e.preventDefault()); // the focus stays
      o.addEventListener("click", () => choose(i));
      return o;
    }));
    say.textContent = found.length ? around.dataset.found.replace("{n}", found.length) : around.dataset.none;
    if (!found.length) return close();
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(-1);
  }

  async function ask() {
    const q = input.value.trim();
    if (q.length < 2) return close();
    asked?.abort();
    asked = new AbortController();
    try {
      const body = new URLSearchParams({ csrf: input.form.elements.csrf.value, q, box: around.dataset.box });
      const answer = await fetch(around.dataset.lookup, { method: "POST", body, redirect: "error", signal: asked.signal });
      if (!answer.ok || document.activeElement !== input) return close();
      found = (await answer.json()).filter((f) => f.address !== input.value);
      show();
    } catch { // a lost connection, a session that is over, or a newer question: who types on misses nothing
    }
  }

  input.addEventListener("input", () => {
    takeBack();
    clearTimeout(timer);
    timer = setTimeout(ask, pause);
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (e) => {
    const open = !list.hidden;
    if (e.key === "ArrowDown" && !open) ask();
    else if (e.key === "ArrowDown" && open) mark((at + 1) % found.length);
    else if (e.key === "ArrowUp" && open) mark((at <= 0 ? found.length : at) - 1);
    else if (e.key === "Enter" && open && at >= 0) choose(at);
    else if (e.key === "Escape" && open) close();
    else return;
    e.preventDefault();
    taken = e.key === "Enter";
  });
  // Programs that press keys for people send the character of Enter all the same, and that
  // would send the form.
  input.addEventListener("keypress", (e) => {
    if (taken && e.key === "Enter") e.preventDefault();
  });
  input.addEventListener("keyup", () => { taken = false; });
}

function all() {
  for (const input of document.querySelectorAll("[data-lookup] input[name=to]:not([role])")) lookup(input);
}

all();
new MutationObserver(all).observe(document.documentElement, { childList: true }); // upload.js puts a new page in place
