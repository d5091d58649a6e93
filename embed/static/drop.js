// Lets files be dropped on a form, adds to what was picked before instead of taking its
// place, and lists each with its size and a button that takes it out again. Without this
// script the browser's own field does what it can. It needs:
//
//   <div data-drop data-say="…" data-out="… {name}"> … input[type=file] … </div>
//
// The list stands in the field itself, so that the form is sent as ever.
const units = ["B", "kB", "MB", "GB"];

function size(bytes, lang) {
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${bytes.toLocaleString(lang, { maximumFractionDigits: bytes < 100 && unit > 1 ? 1 : 0 })} ${units[unit]}`;
}

// carries tells files from a piece of text that is moved within a field.
const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function drop(zone) {
  const input = zone.querySelector("input[type=file]");
  const list = document.createElement("ul");
  const say = document.createElement("p");
  let files = [];
  list.className = "rows files";
  list.hidden = true;
  say.className = "ds-paragraph quiet";
  say.textContent = zone.dataset.say;
  zone.append(say, list);

  function line(file) {
    const li = document.createElement("li");
    const name = document.createElement("span");
    const long = document.createElement("span");
    const out = document.createElement("button");
    name.className = "main";
    name.textContent = file.name;
    long.className = "quiet";
    long.textContent = size(file.size, document.documentElement.lang);
    out.className = "ds-button";
    out.type = "button";
    out.dataset.variant = "tertiary";
    out.textContent = zone.dataset.out;
    out.setAttribute("aria-label", `${zone.dataset.out}: ${file.name}`);
    out.addEventListener("click", () => {
      keep(files.filter((f) => f !== file));
      input.focus();
    });
    li.append(name, long, out);
    return li;
  }

  function keep(next) {
    const held = new DataTransfer();
    for (const file of next) held.items.add(file);
    files = next;
    input.files = held.files;
    list.replaceChildren(...files.map(line));
    list.hidden = !files.length;
  }

  const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
  const add = (more) => keep([...files, ...[...more].filter((f) => !files.some((g) => same(f, g)))]);
  input.addEventListener("change", () => add(input.files));
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      zone.dataset.over = "";
    });
  }
  zone.addEventListener("dragleave", (event) => zone.contains(event.relatedTarget) || delete zone.dataset.over);
  zone.addEventListener("drop", (event) => {
    delete zone.dataset.over;
    if (!carries(event)) return;
    event.preventDefault();
    add(event.dataTransfer.files);
  });
}

// A browser that cannot fill a file field by script keeps its own.
function able() {
  try {
    return !!new DataTransfer().items.add;
  } catch {
    return false;
  }
}

if (able()) {
  for (const zone of document.querySelectorAll("[data-drop]")) drop(zone);
  // What misses the field by a finger would else take the place of the page, with all that was written.
  for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => carries(event) && event.preventDefault());
}
