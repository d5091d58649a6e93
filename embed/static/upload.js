// Sends a form with files and shows how far it is. Without this script the browser
// sends it by itself.

// show puts the answer, which is a whole page of ours, in place of this one. It was
// fetched already: asking for it again would lose what it says only once.
function show(sending) {
  const page = new DOMParser().parseFromString(sending.responseText, "text/html");
  const at = new URL(sending.responseURL || location.href);
  if (at.pathname !== location.pathname) history.pushState(null, "", at.pathname + at.search);
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  scrollTo(0, 0);
  (document.querySelector("main [autofocus]") || document.querySelector("main")).focus();
}

function send(form, button) {
  const box = form.querySelector("[data-progress]");
  const files = [...form.querySelector("input[type=file]").files];
  const bar = box.querySelector("progress");
  const say = box.querySelector("[role=status]");
  const data = new FormData(form);
  if (button && button.name) data.append(button.name, button.value); // FormData leaves it out
  const buttons = form.querySelectorAll("button");
  box.hidden = false;
  // Said before hours of sending: a server that refuses while a browser still sends is
  // seldom heard.
  if (files.reduce((sum, f) => sum + f.size, 0) > box.dataset.max) {
    bar.hidden = true;
    box.dataset.bad = "";
    say.textContent = box.dataset.large;
    return;
  }
  bar.hidden = false;
  delete box.dataset.bad;
  for (const b of buttons) b.disabled = true;
  say.textContent = box.dataset.sending;
  const sending = new XMLHttpRequest();
  sending.upload.addEventListener("progress", (e) => {
    if (!e.lengthComputable) return;
    bar.value = Math.floor((100 * e.loaded) / e.total);
    // Read aloud in steps of ten, or a screen reader says nothing else.
    if (bar.value % 10 === 0) say.textContent = `${box.dataset.sending} ${bar.value} %`;
  });
  sending.addEventListener("load", () => show(sending));
  sending.addEventListener("error", () => {
    for (const b of buttons) b.disabled = false;
    box.dataset.bad = "";
    say.textContent = box.dataset.failed;
  });
  sending.open("POST", form.action);
  sending.send(data);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-upload]") || ![...form.elements].some((e) => e.type === "file" && e.files.length)) return;
  // Which of several buttons was pressed a browser from before 2022 does not tell: it sends by itself.
  if (!event.submitter && form.querySelectorAll("button[name]").length > 1) return;
  event.preventDefault();
  send(form, event.submitter);
});
addEventListener("popstate", () => location.reload());
