// Small extras on pages that work without them: a tap, a wait or a lost place less.
(() => {
  "use strict";
  const page = document.documentElement;
  page.classList.add("js");

  const byId = (id) => document.getElementById(id);
  const on = (type, handle, capture = false) => document.addEventListener(type, handle, capture);

  // What is said in #live is read aloud where one is; the same words twice are said twice.
  const say = (words) => {
    const live = byId("live");
    if (!live || !words) return;
    live.textContent = "";
    setTimeout(() => (live.textContent = words), 50);
  };

  const focusOn = (element) => {
    if (!element) return;
    if (!element.matches("a[href], button, input, select, textarea, summary, [tabindex]")) element.tabIndex = -1;
    element.focus();
  };

  // "Back" to a refused form shows its page, not an error of the browser.
  if ([409, 422].includes(performance.getEntriesByType("navigation")[0]?.responseStatus) && document.referrer) {
    history.replaceState(null, "", document.referrer);
  }

  // A form is sent once; after 300 ms the button says that it is busy.
  const BUSY_AFTER = 300;
  const GIVE_UP_AFTER = 20000;
  const sent = new Map();

  const release = (form) => {
    const state = sent.get(form);
    if (!state) return;
    sent.delete(form);
    state.timers.forEach(clearTimeout);
    if (!state.words) return;
    state.button.replaceChildren(...state.words);
    state.button.removeAttribute("aria-disabled");
  };

  on("submit", (event) => {
    const form = event.target;
    if (sent.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    // After a download the page stays: nothing tells that it is done.
    if (form.method !== "post" || "downloads" in form.dataset) return;
    const button = event.submitter || form.querySelector("[type=submit]");
    const state = { button, timers: [] };
    const showBusy = () => {
      if (!button || !button.isConnected) return;
      state.words = [...button.childNodes];
      button.setAttribute("aria-disabled", "true");
      button.replaceChildren(document.body.dataset.busy);
      say(document.body.dataset.busy);
    };
    state.timers = [setTimeout(showBusy, BUSY_AFTER), setTimeout(() => release(form), GIVE_UP_AFTER)];
    sent.set(form, state);
  }, true);

  addEventListener("pageshow", () => [...sent.keys()].forEach(release));
  on("htmx:afterRequest", (event) => release(event.detail.elt.closest("form")));

  // Show a password, copy a link, print.
  on("click", (event) => {
    const button = event.target.closest?.("[data-reveals], [data-copies], [data-print]");
    if (!button) return;
    if ("print" in button.dataset) window.print();
    if (button.dataset.reveals) reveal(button);
    if (button.dataset.copies) copy(button);
  });

  const reveal = (button) => {
    const field = byId(button.dataset.reveals);
    const words = button.firstChild;
    button.dataset.show ||= words.data;
    const hidden = field.type === "password";
    field.type = hidden ? "text" : "password";
    words.data = hidden ? button.dataset.hide : button.dataset.show;
  };

  const copy = async (button) => {
    const source = byId(button.dataset.copies);
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
      button.lastChild.data = button.dataset.copied;
      say(button.dataset.copied);
    } catch {
      // Without permission or https the text is selected, to copy by hand.
      if (source.select) source.select();
      else getSelection().selectAllChildren(source);
    }
  };

  // A button that says what it will do: data-follows="pupils kind until" names its fields. The chosen kind
  // holds the sentence with {names} and {when}; where one is missing the server's words stay.
  const chosen = (form, name) =>
    [...form.elements].filter((input) => input.name === name && (input.checked || input.type === "hidden"));

  const sayWhatItDoes = (button) => {
    const form = button.form;
    if (!form || sent.has(form)) return;
    const [who, what, when] = button.dataset.follows.split(" ");
    const names = chosen(form, who).map((input) => input.dataset.words).filter(Boolean);
    const kind = chosen(form, what)[0]?.dataset;
    const until = chosen(form, when)[0]?.dataset.words ?? "";
    const sentence = names.length > 1 ? kind?.wordsMany || kind?.words : kind?.words;
    button.dataset.plain ||= button.textContent;
    const complete = names.length && sentence && (until || !sentence.includes("{when}"));
    const joined = new Intl.ListFormat(page.lang, { type: "conjunction" }).format(names);
    button.textContent = complete
      ? sentence.replace("{names}", () => joined).replace("{when}", () => until)
      : button.dataset.plain;
  };
  const sayAll = () => document.querySelectorAll("[data-follows]").forEach(sayWhatItDoes);
  on("change", sayAll);

  // Keep one's place when a part is replaced: open folds, typed text, focus, caret.
  const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary";

  const placeIn = (part) => {
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const frame = active?.closest("[id]:not(input, button, a, select, textarea)");
    return {
      folds: new Map([...part.querySelectorAll("details[id]")].map((fold) => [fold.id, fold.open])),
      texts: new Map(
        [...part.querySelectorAll("input[id], textarea[id], select[id]")]
          // Text keeps the version it was typed over, until sent.
          .filter((field) => changed((!sent.has(field.form) && byId(field.dataset.over)) || field))
          .map(({ id, value, checked }) => [id, { value, checked }]),
      ),
      active,
      id: active?.id,
      caret: active && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null,
      frame: frame?.id,
      index: frame ? [...frame.querySelectorAll(FOCUSABLE)].indexOf(active) : -1,
      scroll: [scrollX, scrollY],
    };
  };

  const changed = (field) =>
    field.options
      ? [...field.options].some((option) => option.selected !== option.defaultSelected)
      : field.value !== field.defaultValue || field.checked !== field.defaultChecked;

  const restore = (part, place) => {
    for (const [id, open] of place.folds) {
      const fold = byId(id);
      if (fold && part.contains(fold)) fold.open = open;
    }
    for (const [id, typed] of place.texts) {
      const field = byId(id);
      if (field && part.contains(field)) Object.assign(field, typed);
    }
    // Who pressed a button goes where the page asks; who typed on stays.
    if (!place.id && part.querySelector("[autofocus]")) return;
    if (place.active && !place.active.isConnected) focusNear(part, place);
    scrollTo({ left: place.scroll[0], top: place.scroll[1], behavior: "instant" });
  };

  // The same element, else what now stands where it stood, else the heading: never a
  // button that means something else.
  const focusNear = (part, place) => {
    const same = place.id && byId(place.id);
    const frame = place.frame && byId(place.frame);
    const there = frame ? [...frame.querySelectorAll(FOCUSABLE)] : [];
    const target = same || there[place.index] || (frame || part).querySelector("h1, h2, h3") || part;
    focusOn(target);
    if (same && place.caret?.[0] != null) same.setSelectionRange(...place.caret);
  };

  // A second tap on what is gone must not fall on what came in its place: the next child.
  const HANDS_OFF = 400;
  let replacedAt = -HANDS_OFF;
  on("click", (event) => {
    const tooSoon = event.detail > 0 && performance.now() - replacedAt < HANDS_OFF;
    if (tooSoon && event.target.closest?.("[type=submit]")) event.preventDefault();
  }, true);
  on("keydown", (event) => event.repeat && event.key === "Enter" && event.target.matches("button") && event.preventDefault(), true);

  const places = new WeakMap();
  on("htmx:beforeSwap", (event) => {
    const { target, serverResponse, isError, requestConfig, xhr } = event.detail;
    if (!target?.id) return;
    if (target.dataset.refresh && !isError) {
      Object.assign(event.detail, { selectOverride: `#${target.id}`, swapOverride: "outerHTML" });
    }
    if (requestConfig.headers["X-Refresh"]) {
      if (isError || xhr.status === 204 || versionIn(serverResponse, target.id) === target.dataset.version) {
        event.detail.shouldSwap = false;
        return;
      }
    }
    if (target.id !== "flash" && !("quiet" in target.dataset)) places.set(xhr, { part: target.id, words: target.dataset.announce, ...placeIn(target) });
  });

  const versionIn = (text, id) =>
    new DOMParser().parseFromString(text, "text/html").getElementById(id)?.dataset.version ?? null;

  on("htmx:afterSettle", (event) => {
    const place = places.get(event.detail.xhr);
    const part = place && byId(place.part);
    if (part) {
      places.delete(event.detail.xhr);
      replacedAt = performance.now();
      restore(part, place);
      // What was kept before is not what was kept now.
      if (part.querySelector(".kept")) document.querySelectorAll(".kept").forEach((mark) => part.contains(mark) || mark.remove());
      if (part.dataset.announce !== place.words) say(part.dataset.announce);
    }
    const alert = event.target.querySelector?.("[role=alert]");
    if (alert) focusOn(alert);
    sayAll();
  });

  // A board that stays up to date: data-refresh, -with, -every, -version and -announce. Asks only while somebody
  // looks and nothing is being done; the answer is 204 or the page. [data-stale-for="board"] shows while there
  // is none.
  let pressed = false;
  on("pointerdown", () => (pressed = true), true);
  ["pointerup", "pointercancel"].forEach((type) => on(type, () => setTimeout(() => (pressed = false), 300), true));

  const refresh = (id) => {
    const part = byId(id);
    if (!part || document.hidden || pressed || sent.size || part.matches(".htmx-request")) return;
    const how = { source: part, target: part, headers: { "X-Refresh": "1" }, selectOOB: part.dataset.refreshWith };
    htmx.ajax("GET", part.dataset.refresh, how);
  };

  const showStale = (id, stale) => {
    const words = document.querySelector(`[data-stale-for="${id}"]`);
    if (!words || words.hidden === !stale) return;
    words.hidden = !stale;
    if (stale) say(words.textContent.trim());
  };

  // A form on the board is sent without leaving it; the answer is the page again.
  on("submit", (event) => {
    const form = event.target;
    const part = form.closest("[data-refresh]");
    if (!part || event.defaultPrevented || form.method !== "post") return;
    event.preventDefault();
    const values = event.submitter?.name ? { [event.submitter.name]: event.submitter.value } : {};
    htmx.ajax("POST", form.action, { source: form, target: part, values, selectOOB: "#flash" });
  });

  on("htmx:afterRequest", (event) => {
    const { requestConfig, successful, elt } = event.detail;
    if (requestConfig.headers["X-Refresh"]) showStale(elt.id, !successful);
  });

  document.querySelectorAll("[data-refresh]").forEach(({ id, dataset }) => {
    setInterval(() => refresh(id), (Number(dataset.refreshEvery) || 10) * 1000);
    on("visibilitychange", () => refresh(id));
  });

  focusOn(document.querySelector("#errors, #error[role=alert]"));
  sayAll();
})();
