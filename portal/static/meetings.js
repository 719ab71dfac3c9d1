// Says in the bar below the times which one is chosen. The form works without.
(() => {
  "use strict";
  let lost = "";

  const show = () => {
    const bar = document.querySelector("[data-chosen]");
    if (!bar) return;
    const chosen = bar.closest("form").querySelector("[name=slot]:checked:enabled");
    bar.dataset.plain ||= bar.textContent;
    const words = chosen?.dataset.words ?? (lost ? bar.dataset.gone : bar.dataset.plain);
    if (bar.textContent !== words) bar.textContent = words;
  };

  document.addEventListener("change", () => {
    lost = "";
    show();
  });

  // What is chosen may have been taken when the times are shown afresh.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    // Somebody was first: the answer is the page as it is now, no failure.
    if (detail.xhr.status === 409 && detail.target.id === "round") detail.isError = false;
    lost = document.querySelector("[name=slot]:checked:enabled")?.id ?? lost;
  });
  document.addEventListener("htmx:afterSettle", () => {
    const there = document.getElementById(lost);
    // A place that the teacher blocked is not there any more at all.
    if (there?.disabled) there.checked = false;
    else if (there) lost = "";
    show();
  });
  show();
})();
