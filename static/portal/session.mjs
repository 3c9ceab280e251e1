// Warns ten minutes before a session ends, and lets a person stay.
const WARN = 600; // seconds
let ends = Number(document.body.dataset.sessionEnds || 0);

const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

function build() {
  const dialog = document.createElement("dialog");
  dialog.className = "app-timeout";
  dialog.setAttribute("aria-labelledby", "timeout-title");
  dialog.setAttribute("role", "alertdialog");
  dialog.innerHTML = `<h2 class="govuk-heading-m" id="timeout-title"></h2>
    <p class="govuk-body">For your security we end each session after some hours.</p>
    <button type="button" class="govuk-button">Stay signed in</button>`;
  document.body.append(dialog);
  return dialog;
}

async function stay(dialog) {
  const token = (document.cookie.match(/(?:^|; )csrftoken=(\w+)/) || [])[1] || "";
  const answer = await fetch(document.body.dataset.sessionStay, { method: "POST", redirect: "manual", headers: { "X-CSRFToken": token } })
    .catch(() => null);
  if (answer?.ok) {
    ends = (await answer.json()).ends_at;
    dialog.close();
    plan();
  } else dialog.querySelector("p").textContent = "That did not work. Check your connection and try again.";
}

function warn() {
  const dialog = document.querySelector(".app-timeout") || build();
  const over = ends < Date.now() / 1000;
  dialog.querySelector("h2").textContent = over ? "You have been signed out" : `You will be signed out at ${clock(ends)}`;
  const button = dialog.querySelector("button");
  button.textContent = over ? "Sign in again" : "Stay signed in";
  button.onclick = over ? () => location.assign(`/account/login/?next=${encodeURIComponent(location.pathname)}`) : () => stay(dialog);
  if (!over) setTimeout(warn, ends * 1000 + 1000 - Date.now());
  if (!dialog.open) dialog.showModal();
}

function plan() {
  setTimeout(() => (ends - Date.now() / 1000 > WARN + 1 ? plan() : warn()),
    Math.min(Math.max(0, (ends - WARN) * 1000 - Date.now()), 2 ** 30));
}

if (ends) plan();
