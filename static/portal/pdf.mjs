// Asks whether the PDF is made, until it is, or for four minutes. Without it, the link "Check again" does.
const place = document.querySelector("[data-pdf]");
if (place) {
  const ends = Date.now() + 240000;
  const say = (text) => (place.firstElementChild.textContent = text);
  const ask = async () => {
    let state = "";
    try {
      state = (await (await fetch(place.dataset.pdf)).json()).state;
    } catch {
      // Signed out, or the connection is lost: asked again until the time is over.
    }
    if (state === "made") {
      say("The PDF is ready.");
      const link = place.querySelector("a");
      link.href = place.dataset.file;
      link.textContent = "Open the PDF";
    } else if (state === "failed") {
      say("The PDF could not be made.");
    } else if (Date.now() > ends) {
      say("This takes longer than usual. You can leave this page: the PDF is still being made.");
    } else setTimeout(ask, 2000);
  };
  setTimeout(ask, 1500);
}
