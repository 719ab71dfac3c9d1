// Many photos from a phone: each is made smaller here when that can be, and sent by itself, two at a time.
// Without this script the form sends them all at once.
(() => {
  "use strict";
  const AT_ONCE = 2;
  const TRIES = 3;
  const LONGEST_SIDE = 2000;
  const QUALITY = 0.85;
  const WAIT = 1500;
  const SENT = "photos-sent";

  const byId = (id) => document.getElementById(id);
  const form = byId("upload");
  if (!form || !window.fetch) return;
  const field = byId("photos-field");
  const button = form.querySelector("[type=submit]");
  const again = byId("sending-again");
  const failedList = byId("sending-failed");
  const live = byId("live");
  const words = form.dataset;
  const sleep = (time) => new Promise((done) => setTimeout(done, time));

  let queue = [];
  let failed = [];
  let all = 0;
  let done = 0;
  let there = 0;
  let working = 0;
  let next = Number(words.next);

  // A canvas knows nothing of where and when: what leaves the phone is only the picture.
  const smaller = async (file) => {
    try {
      const image = await createImageBitmap(file, { imageOrientation: "from-image" });
      const shrink = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(image.width * shrink));
      canvas.height = Math.max(1, Math.round(image.height * shrink));
      const paper = canvas.getContext("2d");
      paper.fillStyle = "#fff";
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(image, 0, 0, canvas.width, canvas.height);
      image.close();
      const made = await new Promise((take) => canvas.toBlob(take, "image/jpeg", QUALITY));
      canvas.width = canvas.height = 0;
      return made || file;
    } catch {
      return file;
    }
  };

  // What tells a photo from others is the file on the phone, however it is made smaller today.
  const fingerprint = async (file) => {
    try {
      const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      return [...sum].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    } catch {
      return "";
    }
  };

  const post = async ({ file, position }) => {
    const photo = await smaller(file);
    if (photo.size > Number(words.largest)) return { problem: words.large };
    const body = new FormData();
    body.set("photos", photo, file.name);
    body.set("position", position);
    body.set("fingerprint", await fingerprint(file));
    const headers = {
      Accept: "application/json",
      "HX-Request": "true",
      "X-CSRFToken": form.elements.csrf_token.value,
    };
    const answer = await fetch(form.action, { method: "POST", body, headers });
    const login = answer.headers.get("HX-Redirect");
    if (login) {
      removeEventListener("beforeunload", warn);
      location.href = login;
      return new Promise(() => {});
    }
    if (answer.ok) return answer.json();
    if (answer.status === 422) return answer.json();
    // Busy or broken for a moment: worth another try. Refused: what the school's rule says.
    if (answer.status >= 500 || answer.status === 429) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return { problem: page.querySelector("#error")?.textContent.trim().replace(/\s+/g, " ") || words.lost };
  };

  const send = async (photo) => {
    for (let tries = 1; ; tries++) {
      try {
        return await post(photo);
      } catch {
        if (!navigator.onLine) {
          show(words.offline);
          await new Promise((back) => addEventListener("online", back, { once: true }));
          tries = 0;
        } else if (tries >= TRIES) return { problem: words.lost, retry: true };
        else await sleep(WAIT * tries);
      }
    }
  };

  const show = (note = "") => {
    const failures = failed.length ? `, ${words.failed.replace("{count}", failed.length)}` : "";
    byId("sending").hidden = false;
    byId("sending-words").textContent =
      words.sending.replace("{done}", done).replace("{all}", all) + failures;
    byId("sending-bar").max = all;
    byId("sending-bar").value = done + failed.length;
    if (note) byId("sending-note").textContent = note;
  };

  const list = () => {
    failedList.replaceChildren(
      ...failed.map(({ file, problem }) => {
        const item = document.createElement("li");
        const name = document.createElement("b");
        name.textContent = file.name;
        item.append(name, `: ${problem}`);
        return item;
      }),
    );
    again.hidden = !failed.some(({ retry }) => retry);
  };

  const work = async () => {
    working++;
    for (let photo; (photo = queue.shift()); ) {
      const { problem, retry, added } = await send(photo);
      if (problem) failed.push({ ...photo, problem, retry });
      else done++;
      if (added === 0) there++;
      show();
      list();
    }
    if (!--working) finish();
  };

  const finish = () => {
    removeEventListener("beforeunload", warn);
    // What is sent is on the page that comes in a moment; until then there is nothing to send.
    button.disabled = field.disabled = !failed.length;
    const sent = done - there;
    const sentence = failed.length
      ? byId("sending-words").textContent
      : [
          sent === 1 && words.sentOne,
          sent > 1 && words.sent.replace("{all}", sent),
          there && words.there.replace("{count}", there),
        ].filter(Boolean).join(" ");
    byId("sending-words").textContent = sentence;
    byId("sending-note").hidden = true;
    if (live) live.textContent = sentence;
    field.value = "";
    // The page again, so that showing and removing are offered too; what failed stays on the screen.
    if (failed.length) return refresh();
    sessionStorage.setItem(SENT, sentence);
    setTimeout(() => location.reload(), 600);
  };

  const refresh = () =>
    htmx.ajax("GET", location.pathname, {
      target: "#photos",
      select: "#photos",
      selectOOB: "#showing",
      swap: "outerHTML",
    });

  const warn = (event) => event.preventDefault();

  const begin = (photos) => {
    queue = photos;
    all = done + photos.length;
    failed = failed.filter((one) => !photos.includes(one));
    button.disabled = field.disabled = true;
    byId("sending-note").hidden = false;
    addEventListener("beforeunload", warn);
    list();
    show();
    for (let number = 0; number < Math.min(AT_ONCE, photos.length); number++) work();
  };

  // What was said before the page was there again.
  const sentence = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  if (sentence) {
    byId("sending").hidden = false;
    byId("sending-bar").hidden = byId("sending-note").hidden = true;
    byId("sending-words").textContent = sentence;
  }

  // Before portal.js, which would wait for the page that a form of its own brings.
  addEventListener("submit", (event) => {
    if (event.target !== form || (!field.files.length && !button.disabled)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (working || button.disabled) return;
    const files = [...field.files].sort((one, other) => one.lastModified - other.lastModified);
    [done, there, failed] = [0, 0, []];
    begin(files.map((file) => ({ file, position: next++ })));
  }, true);

  field.addEventListener("change", () => byId("errors")?.remove());
  again.addEventListener("click", () => begin(failed.filter(({ retry }) => retry)));
})();
