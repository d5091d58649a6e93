// Shows a page anew once the server, which is about to go away, is back and done. Without
// this script there is a link that does it.
const again = () => setTimeout(look, 2000);
const done = (text) => !text.includes("data-back");

async function look() {
  try {
    const page = await fetch(location.href, { cache: "no-store" });
    if (page.ok && done(await page.text())) return location.reload();
  } catch {
    // It is away.
  }
  again();
}

if (document.querySelector("[data-back]")) again();
