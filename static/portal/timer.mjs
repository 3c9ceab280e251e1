// Counts down the minutes that a meeting gives each statement. The eye follows it; it is spoken once.
const clock = document.querySelector("[data-timer]");
if (clock) {
  const ends = Date.now() + clock.dataset.timer * 60000;
  const tick = setInterval(show, 1000);
  function show() {
    const left = Math.max(0, Math.round((ends - Date.now()) / 1000));
    clock.textContent = left ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left` : "Time is up";
    if (!left) {
      clearInterval(tick);
      document.getElementById("time-is-up").textContent = "Time is up for this statement";
    }
  }
  show();
}
