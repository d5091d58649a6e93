// Takes files that are dropped on a field, and lists what is chosen. Without this script the
// field is what browsers make of it.
//
//   <div data-drop data-remove="…" data-chosen="… {n} …" data-folder="…">
//     <span data-able hidden>…</span> <input type="file" multiple> <ul data-files hidden> <p role="status" data-count>
//
// data-remove is what the button beside a file says, data-folder what is said of a folder,
// which browsers hand over as a file of nothing. Another script may take what is chosen: an
// event "chosen" has the files, and who prevents its default has them.

export const sized = (bytes) => {
  const [n, unit] = bytes < 1e3 ? [bytes, "byte"] : bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : bytes < 1e9 ? [bytes / 1e6, "megabyte"] : [bytes / 1e9, "gigabyte"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, maximumFractionDigits: n < 10 ? 1 : 0 }).format(n);
};

function element(name, attributes, ...children) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...children);
  return e;
}

const inputOf = (zone) => zone.querySelector("input[type=file]");

function choose(zone, files) {
  const all = new DataTransfer();
  for (const f of files) all.items.add(f);
  inputOf(zone).files = all.files;
  show(zone);
}

// offer hands over what is chosen, if somebody takes it.
function offer(zone) {
  const detail = [...inputOf(zone).files];
  if (!detail.length || zone.dispatchEvent(new CustomEvent("chosen", { bubbles: true, cancelable: true, detail }))) return;
  inputOf(zone).value = "";
  zone.taken = true; // and it says itself what it has
}

function show(zone, more = "") {
  offer(zone);
  const files = [...inputOf(zone).files];
  const list = zone.querySelector("[data-files]");
  list.hidden = !files.length;
  list.replaceChildren(...files.map((f, i) => {
    const button = element("button", { type: "button", class: "ds-button", "data-variant": "tertiary" },
      zone.dataset.remove, element("span", { class: "ds-sr-only" }, ` ${f.name}`));
    button.addEventListener("click", () => {
      choose(zone, [...inputOf(zone).files].filter((_, k) => k !== i));
      inputOf(zone).focus(); // the button is gone
    });
    return element("li", {}, element("span", { class: "main" }, f.name, " ", element("span", { class: "quiet" }, sized(f.size))), button);
  }));
  const count = zone.taken ? "" : zone.dataset.chosen.replace("{n}", files.length);
  zone.querySelector("[data-count]").textContent = `${more} ${count}`.trim();
}

const hasFiles = (e) => e.dataTransfer?.types.includes("Files");
const zoneOf = (e) => e.target.closest?.("[data-drop]");

function able() {
  for (const e of document.querySelectorAll("[data-drop] [data-able][hidden]")) e.hidden = false;
}

// fills reports whether the browser lets a script fill a file field; else it keeps its own.
function fills() {
  try {
    return Boolean(new DataTransfer().items.add);
  } catch {
    return false;
  }
}

if (fills()) {
  // Beside a field a dropped file would take the place of the page, and of what is written.
  document.addEventListener("dragover", (e) => {
    if (!hasFiles(e)) return;
    e.preventDefault();
    const zone = zoneOf(e);
    e.dataTransfer.dropEffect = zone ? "copy" : "none";
    for (const z of document.querySelectorAll("[data-drop]")) z.toggleAttribute("data-over", z === zone);
  });

  document.addEventListener("dragleave", (e) => {
    if (!e.relatedTarget) for (const z of document.querySelectorAll("[data-over]")) z.removeAttribute("data-over");
  });

  document.addEventListener("drop", (e) => {
    if (!hasFiles(e)) return;
    e.preventDefault();
    const zone = zoneOf(e);
    if (!zone) return;
    zone.removeAttribute("data-over");
    const items = [...e.dataTransfer.items].filter((i) => i.kind === "file");
    const files = items.filter((i) => !i.webkitGetAsEntry?.()?.isDirectory).map((i) => i.getAsFile()).filter(Boolean);
    const have = [...inputOf(zone).files];
    const twice = (f) => have.some((h) => h.name === f.name && h.size === f.size && h.lastModified === f.lastModified);
    choose(zone, [...have, ...files.filter((f) => !twice(f))]);
    if (files.length < items.length) show(zone, zone.dataset.folder);
  });

  document.addEventListener("change", (e) => {
    const zone = e.target.type === "file" && zoneOf(e);
    if (zone) show(zone);
  });

  able();
  new MutationObserver(able).observe(document.documentElement, { childList: true }); // upload.js puts a new page in place
}
