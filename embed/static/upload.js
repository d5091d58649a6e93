// Sends a form with files and shows how far it is. Without this script the browser
// sends it by itself.
for (const form of document.querySelectorAll("form[data-upload]")) {
  const box = form.querySelector("[data-progress]");
  const bar = box.querySelector("progress");
  const say = box.querySelector("[role=status]");
  form.addEventListener("submit", (event) => {
    const picked = form.elements.files?.files.length;
    if (!picked) return;
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    const sending = new XMLHttpRequest();
    button.disabled = true;
    box.hidden = false;
    say.textContent = box.dataset.sending;
    sending.upload.addEventListener("progress", (e) => {
      if (!e.lengthComputable) return;
      bar.value = Math.floor((100 * e.loaded) / e.total);
      say.textContent = `${box.dataset.sending} ${bar.value} %`;
    });
    sending.addEventListener("load", () => {
      // The answer is a page of ours, whole, also when something was wrong.
      if (sending.responseURL && new URL(sending.responseURL).pathname !== location.pathname) {
        location.assign(sending.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(sending.responseText, "text/html");
      document.title = page.title;
      document.querySelector("main").replaceWith(page.querySelector("main"));
      document.querySelector("main").focus();
    });
    sending.addEventListener("error", () => {
      button.disabled = false;
      say.textContent = box.dataset.failed;
    });
    sending.open("POST", form.action);
    sending.send(new FormData(form));
  });
}
