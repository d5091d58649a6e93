// Shows a page anew for as long as something on it is on its way. Without this script
// there is a link that does it. The attribute says after how many seconds. Whoever stands
// at a link or a button of the page stays there: it waits until they go on.
const waits = document.querySelector("[data-reload]");
const later = () => setTimeout(again, 1000 * waits.dataset.reload);
const again = () => (document.activeElement?.matches("main :is(a, button)") ? later() : location.reload());
if (waits) later();
