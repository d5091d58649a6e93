// Shows a page anew for as long as something on it is on its way. Without this script
// there is a link that does it.
if (document.querySelector("[data-reload]")) setTimeout(() => location.reload(), 2000);
