// Shows a page anew for as long as something on it is on its way. Without this script
// there is a link that does it. The attribute says after how many seconds.
const waits = document.querySelector("[data-reload]");
if (waits) setTimeout(() => location.reload(), 1000 * waits.dataset.reload);
