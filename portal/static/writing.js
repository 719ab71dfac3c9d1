// Small extras for writing a letter: marks at a tap, a part taken away without leaving the page, and nothing sent
// while the letter is still saving itself. The page works without.
(() => {
  "use strict";
  const on = (type, handle, capture = false) => window.addEventListener(type, handle, capture);

  // Marks of Markdown around or before what is selected.
  const MARKS = {
    bold: (words) => [`**${words}**`, 2, 2],
    heading: (words) => [`## ${words}`, 3, 0],
    list: (words) => [words.split("\n").map((line) => `- ${line}`).join("\n"), 2, 0],
    link: (words, button) => {
      const shown = words || button.dataset.words;
      return [`[${shown}](https://)`, shown.length + 11, 1];
    },
  };
  const BY_LINE = ["heading", "list"];

  const mark = (button) => {
    const field = document.getElementById("text");
    let [from, until] = [field.selectionStart, field.selectionEnd];
    if (BY_LINE.includes(button.dataset.mark)) from = field.value.lastIndexOf("\n", from - 1) + 1;
    const words = field.value.slice(from, until);
    const [marked, before, after] = MARKS[button.dataset.mark](words, button);
    field.setRangeText(marked, from, until, "end");
    field.focus();
    const end = from + marked.length - after;
    field.setSelectionRange(words && !BY_LINE.includes(button.dataset.mark) && button.dataset.mark !== "link" ? from + before : end, end);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  // The cross of a chip takes the tick away.
  const drop = (button) => {
    const [name, value] = button.value.split("=");
    const ticks = [...button.form.elements].filter((box) => box.name === name && box.value === value && box.checked);
    if (!ticks.length) return false;
    ticks.forEach((box) => (box.checked = false));
    ["input", "change"].forEach((kind) => ticks[0].dispatchEvent(new Event(kind, { bubbles: true })));
    button.parentElement.remove();
    document.querySelector("#picker > summary").focus();
    return true;
  };

  on("click", (event) => {
    const button = event.target.closest?.("[data-mark], [name=drop]");
    if (!button) return;
    if (button.dataset.mark) mark(button);
    else if (drop(button)) event.preventDefault();
  });

  // Enter in the search looks; it does not send the letter.
  on("keydown", (event) => event.key === "Enter" && event.target.id === "q" && event.preventDefault());

  // A letter that is saving itself may just be getting its number: what is sent waits for that.
  let saving = 0;
  let next = null;
  const isLetter = ({ detail }) => detail.elt.id === "letter";
  on("htmx:beforeRequest", (event) => isLetter(event) && saving++);
  on("htmx:afterRequest", (event) => {
    if (!isLetter(event)) return;
    saving = Math.max(0, saving - 1);
    const button = next;
    next = null;
    if (button?.isConnected) button.click();
  });
  on("submit", (event) => {
    const looks = event.submitter && "looks" in event.submitter.dataset;
    if (event.target.id !== "letter" || !saving || looks) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    next = event.submitter;
  }, true);

  // The look opens beside this page, which stays as it is: its button is not busy.
  on("submit", (event) => {
    if (event.submitter && "looks" in event.submitter.dataset) event.stopImmediatePropagation();
  }, true);
})();
