// Saves a form in the background, and keeps what was typed for as long as it is not saved.
// The form works without this script: its buttons post the same fields to the same address.
const PAUSE = 1500; // after the last change, so that it is saved within two seconds
const AGAIN = [2, 4, 8, 15, 30]; // seconds between two attempts without a connection
const OFFLINE = "Not saved. No connection: your text is kept here, we will try again";
const SIGNED_OUT = "Not saved. You have been signed out: sign in, your text is kept";

const form = document.querySelector("form[data-autosave]");
if (form) {
  const place = `typed:${form.dataset.autosave}:${location.pathname}`;
  const state = document.getElementById("save-state");
  const [said, more] = [state.querySelector("b"), state.querySelector(".app-save__more")];
  let timer, busy = false, changed = false, out = false, tries = 0, stopped = false, pressed = null;

  // What the page says to those without this script.
  document.querySelectorAll("[data-leaves-unsaved]").forEach((node) => node.remove());
  if (more?.textContent.startsWith("Saved when")) more.textContent = "It saves by itself.";

  const typed = () => {
    const fields = new URLSearchParams(new FormData(form));
    fields.delete("csrfmiddlewaretoken");
    return fields;
  };
  const keep = (sent = "") => {
    const fields = typed();
    fields.set("sent", sent);
    sessionStorage.setItem(place, fields);
  };
  const cookie = () => (document.cookie.match(/(?:^|; )csrftoken=(\w+)/) || [])[1] || "";

  const say = (words, kind = "", action = "") => {
    state.className = state.className.replace(/ app-save--(ok|not)/g, "") + (kind && ` app-save--${kind}`);
    // "Saving" is for the eye: only how it ended is spoken.
    if (words === "Saving") said.setAttribute("aria-hidden", "true");
    else said.removeAttribute("aria-hidden");
    if (said.textContent !== words) said.textContent = words;
    if (more) more.textContent = kind === "ok" ? "You can leave and come back." : "";
    if (action && more) more.append(action);
  };
  const act = (words, run) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "app-linkbutton app-linkbutton--page", textContent: words });
    button.addEventListener("click", run);
    return button;
  };
  const signIn = () => {
    const link = document.createElement("a");
    Object.assign(link, { className: "govuk-link", textContent: "Sign in",
      href: `/account/login/?next=${encodeURIComponent(location.pathname)}` });
    return link;
  };

  const later = (wait) => { clearTimeout(timer); timer = setTimeout(save, wait); };

  const answered = (answer) => {
    if (answer.state === "saved") {
      form.elements.version.value = answer.version;
      document.querySelector(".app-map__cell--current")?.classList.toggle("app-map__cell--answered", answer.answered);
      if (changed) keep();
      else sessionStorage.removeItem(place);
      say(answer.words, "ok");
    } else if (answer.state === "conflict") {
      stopped = true;
      say(answer.words, "not", act("See both versions", () => form.requestSubmit(form.querySelector("[value=stop]"))));
    } else {
      stopped = answer.state === "closed";
      say(answer.words, answer.state === "blank" ? "" : "not");
    }
  };

  async function save() {
    if (busy || stopped || !changed) return;
    clearTimeout(timer);
    busy = true;
    changed = out = false;
    say("Saving");
    try {
      const response = await fetch(form.action, {
        method: "POST", body: typed(), redirect: "manual", keepalive: true,
        headers: { "X-Autosave": "1", "X-CSRFToken": cookie(), Accept: "application/json" },
      });
      if (response.type === "opaqueredirect" || response.status === 403) {
        changed = out = true;
        say(SIGNED_OUT, "not", signIn());
      } else if (response.status >= 500) throw new Error(response.status);
      else {
        tries = 0;
        answered(await response.json());
      }
    } catch {
      changed = true;
      say(OFFLINE, "not", act("Try now", save));
      later(1000 * AGAIN[Math.min(tries++, AGAIN.length - 1)]);
    }
    busy = false;
    if (pressed && !tries) form.requestSubmit(pressed.button);
    pressed = null;
    if (changed && !tries && !said.textContent.startsWith("Not saved.")) later(PAUSE);
  }

  const touched = (event) => {
    if (event.target.name === "csrfmiddlewaretoken") return;
    changed = true;
    keep();
    // Who presses "Sign in" leaves the text: trying again at that moment would take the link away.
    if (out && event.type === "change" && event.target.type === "textarea") return;
    later(event.type === "change" ? 0 : PAUSE);
  };
  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  form.addEventListener("focusout", () => changed && !tries && !out && later(0));
  addEventListener("online", save);
  addEventListener("visibilitychange", () => document.hidden && save());
  addEventListener("beforeunload", (event) => { if (changed && !busy) event.preventDefault(); });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (busy) {
      // What is under way makes a new version, which this form must know before it is sent.
      event.preventDefault();
      pressed = { button: event.submitter };
      return;
    }
    changed = false;
    keep("1");
    // Signed in again in another tab: the form's own token is of the old session.
    if (cookie()) form.elements.csrfmiddlewaretoken.value = cookie();
  });
  document.querySelector(".app-account form")?.addEventListener("submit", () => sessionStorage.clear());

  // What could not be saved before comes back with the version it was written over, so that a
  // newer one is never overwritten without a word. What was sent and arrived made a new version.
  const before = new URLSearchParams(sessionStorage.getItem(place) || "");
  const arrived = before.get("sent") && Number(form.elements.version.value) > Number(before.get("version"));
  before.delete("sent");
  if ("unsaved" in form.dataset) keep();
  else if (arrived || ![...before].some(([name, value]) => name !== "version" && (typed().get(name) || "") !== value))
    sessionStorage.removeItem(place);
  else {
    for (const [name, value] of before) if (form.elements[name]) form.elements[name].value = value;
    changed = true;
    later(0);
  }
}
