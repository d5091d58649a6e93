// Counts down until another SMS may be sent. Without this script the page says at what time
// that is, and who presses before is told to wait. The button cannot be pressed meanwhile,
// but keeps its place in the order of the keys; only the end is read aloud.
function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function count(form) {
  const say = form.querySelector("[data-wait-say]");
  const button = form.querySelector("button");
  const over = Date.now() + 1000 * form.dataset.wait; // and no counting of ticks: a phone that sleeps has none
  const status = document.createElement("span");
  status.setAttribute("role", "status");
  const left = document.createElement("span");
  say.replaceChildren(left, status);
  button.setAttribute("aria-disabled", "true");
  form.addEventListener("submit", (event) => Date.now() < over && event.preventDefault());
  const tick = () => {
    const seconds = Math.ceil((over - Date.now()) / 1000);
    if (seconds > 0) {
      left.textContent = say.dataset.waitSay.replace("0:00", clock(seconds));
      setTimeout(tick, 250);
      return;
    }
    left.textContent = "";
    status.textContent = say.dataset.waitOver;
    button.removeAttribute("aria-disabled");
  };
  tick();
}

for (const form of document.querySelectorAll("form[data-wait]")) count(form);
