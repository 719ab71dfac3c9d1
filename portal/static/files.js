// Files with a message: that one is too large or that there are too many is said before anything is sent, and before the
// page takes the form for sent.
(() => {
  "use strict";
  const isTooMuch = ({ files, dataset }) =>
    files.length > Number(dataset.most) || [...files].some((file) => file.size > Number(dataset.largest));
  const look = (field) => {
    const much = isTooMuch(field);
    document.getElementById(`${field.id}-much`).hidden = !much;
    return much;
  };
  window.addEventListener("change", ({ target }) => target.matches("input[data-largest]") && look(target));
  window.addEventListener("submit", (event) => {
    const field = event.target.querySelector("input[data-largest]");
    if (!field || !look(field)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    field.focus();
  }, true);
})();
