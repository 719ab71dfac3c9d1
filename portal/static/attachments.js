// Files with a letter from a phone: each is sent by itself, one after the other, and the page says how far it is.
// Without this script the form sends them together.
(() => {
  "use strict";
  const box = document.getElementById("files-field");
  if (!box || !window.fetch) return;
  const TRIES = 3;
  const PAUSE = 1500;
  const words = box.dataset;
  const form = box.closest("form");
  const field = document.getElementById("files");
  const list = document.getElementById("files-sending");
  const text = document.getElementById("text");
  const sleep = (time) => new Promise((done) => setTimeout(done, time));
  const say = (sentence) => {
    const live = document.getElementById("live");
    if (live) live.textContent = sentence;
  };
  const about = (pattern, name) => pattern.replace("{name}", name);

  let queue = [];
  let working = false;
  let submitter = null;
  let lastPlace = null;

  // --- the letter: a new one gets its number by being saved -------------------------------------------------

  const numberOf = () => document.querySelector("#keys [name=letter]")?.value || words.letter;

  const letterNumber = async () => {
    for (let tries = 0; tries < TRIES && !numberOf(); tries++) {
      const saved = new Promise((done) => form.addEventListener("htmx:afterSettle", done, { once: true }));
      htmx.ajax("POST", form.action, { source: form, target: "#stored", swap: "outerHTML", values: { do: "attach" } });
      await Promise.race([saved, sleep(4000)]);
    }
    return numberOf();
  };

  // --- sending one file -------------------------------------------------------------------------------------

  const post = (address, body, onProgress) =>
    new Promise((done, failed) => {
      const request = new XMLHttpRequest();
      request.open("POST", address);
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("HX-Request", "true");
      request.setRequestHeader("X-CSRFToken", form.elements.csrf_token.value);
      if (onProgress) request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total);
      request.onerror = request.ontimeout = failed;
      request.onload = () => {
        const login = request.getResponseHeader("HX-Redirect");
        if (login) {
          removeEventListener("beforeunload", warn);
          location.href = login;
          return;
        }
        // Busy or broken for a moment is worth another try; what is refused stays refused.
        if (request.status >= 500 || request.status === 429) return failed();
        try {
          done(JSON.parse(request.responseText));
        } catch {
          const page = new DOMParser().parseFromString(request.responseText, "text/html");
          done({ problem: page.querySelector("#error")?.textContent.trim().replace(/\s+/g, " ") || words.lost });
        }
      };
      request.send(body);
    });

  const send = async (item) => {
    if (item.file.size > Number(words.largest)) return { problem: words.large };
    const letter = await letterNumber();
    if (!letter) return { problem: words.unsaved, retry: true };
    const body = new FormData();
    body.set("files", item.file, item.file.name);
    if (item.inline) body.set("inline", "1");
    for (let tries = 1; ; tries++) {
      try {
        return await post(words.address.replace("/0/", `/${letter}/`), body, (part) => (item.bar.value = part));
      } catch {
        if (tries >= TRIES) return { problem: words.lost, retry: true };
        await sleep(PAUSE * tries);
      }
    }
  };

  const work = async () => {
    if (working) return;
    working = true;
    addEventListener("beforeunload", warn);
    for (let item; (item = queue.shift()); ) {
      say(about(words.busy, item.file.name));
      const answer = await send(item);
      if (answer.problem) fail(item, answer);
      else succeed(item, answer);
    }
    working = false;
    removeEventListener("beforeunload", warn);
    const button = submitter;
    submitter = null;
    if (button?.isConnected && !list.querySelector(".err")) button.click();
  };

  const warn = (event) => event.preventDefault();

  const succeed = (item, answer) => {
    item.line.remove();
    renew(answer.list);
    if (answer.mark) putInText(answer.mark);
    say(about(answer.added ? words.done : words.there, item.file.name));
  };

  const renew = (html) => {
    const ticked = [...box.querySelectorAll("[name=remove_file]:checked")].map((tick) => tick.value);
    document.getElementById("attached").outerHTML = html;
    box.querySelectorAll("[name=remove_file]").forEach((tick) => (tick.checked = ticked.includes(tick.value)));
  };

  // --- what the page says meanwhile -------------------------------------------------------------------------

  const lineFor = (file) => {
    const line = document.createElement("li");
    const name = document.createElement("bdi");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", about(words.busy, file.name));
    line.append(name, bar);
    list.append(line);
    return [line, bar];
  };

  const button = (label, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "btn quiet small";
    made.textContent = label;
    made.addEventListener("click", act);
    return made;
  };

  const fail = (item, { problem, retry }) => {
    const why = document.createElement("p");
    why.className = "err";
    why.textContent = problem;
    item.bar.replaceWith(why);
    if (retry) item.line.append(button(words.again, () => { item.line.remove(); begin([item.file], item.inline); }));
    item.line.append(button(words.close, () => { item.line.remove(); picker().focus(); }));
    say(`${item.file.name}: ${problem}`);
  };

  const picker = () => box.querySelector("[data-picks]");

  const begin = (files, inline) => {
    for (const file of files) {
      const [line, bar] = lineFor(file);
      queue.push({ file, inline, line, bar });
    }
    work();
  };

  // --- photos in the text -----------------------------------------------------------------------------------

  const putInText = (mark) => {
    const at = Math.min(lastPlace ?? text.value.length, text.value.length);
    const before = text.value.slice(0, at);
    const lead = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n";
    text.setRangeText(`${lead}${mark}\n\n`, at, at, "end");
    lastPlace = text.selectionEnd;
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };

  text?.addEventListener("blur", () => (lastPlace = text.selectionEnd));

  // --- what people do ---------------------------------------------------------------------------------------

  const pictures = document.createElement("input");
  pictures.type = "file";
  pictures.accept = "image/jpeg,image/png,image/webp";
  pictures.multiple = true;
  // Emptied first: what saves the letter meanwhile takes no file along.
  const take = (from, inline) => () => {
    const files = [...from.files];
    from.value = "";
    begin(files, inline);
  };
  pictures.addEventListener("change", take(pictures, true));
  field.addEventListener("change", take(field, false));

  addEventListener("click", async (event) => {
    const pressed = event.target.closest?.("[data-picks], [data-puts], #attached [name=do]");
    if (!pressed) return;
    if (pressed.dataset.picks) return (pressed.dataset.picks === "files" ? field : pictures).click();
    if (pressed.dataset.puts) {
      putInText(pressed.dataset.puts);
      return text.focus();
    }
    event.preventDefault();
    const [act, number] = pressed.value.split(":");
    const body = new FormData();
    body.set("act", act);
    try {
      const answer = await post(`${words.address.replace("/0/", `/${numberOf()}/`)}/${number}`, body);
      if (answer.list) renew(answer.list);
      else say(answer.problem);
    } catch {
      say(words.lost);
    }
    (box.querySelector(`[value="${act}:${number}"]`) || picker()).focus();
  });

  // What is sent while files are still on their way goes after them.
  addEventListener("submit", (event) => {
    const looks = event.submitter && "looks" in event.submitter.dataset;
    if (event.target !== form || !working || looks) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    submitter = event.submitter;
    say(words.wait);
  }, true);
})();
