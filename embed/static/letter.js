// Shows the print button where there is something that prints, and gives the frame
// of a formatted letter room.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
