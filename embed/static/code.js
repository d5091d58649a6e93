// Takes the code out of the link's fragment, which no server, log or proxy sees,
// and puts it into the field. The form then says so, and whether a hand has
// pressed the button: a program that submits forms is not a reader.
const form = document.querySelector("form[data-code]");
const field = form?.querySelector("input[name=code]");

function hidden(name) {
  const input = document.createElement("input");
  input.type = "hidden";
  input.name = name;
  input.value = "1";
  form.append(input);
}

function take() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!form || !/^[0-9A-Za-z -]{20,40}$/.test(code)) return;
  field.value = code;
  if (!form.elements.filled) hidden("filled");
  // The code leaves the address bar and the history.
  history.replaceState(null, "", location.pathname);
  form.querySelector("button").focus({ preventScroll: true });
}

function hand(event) {
  if (event.isTrusted && !form.elements.hand) hidden("hand");
}

if (form && field) {
  for (const kind of ["pointerdown", "keydown", "touchstart", "click"]) addEventListener(kind, hand, { passive: true });
  addEventListener("hashchange", take);
  take();
}
