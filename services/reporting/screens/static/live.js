// Keeps a page as it is now: listens to what changed, fetches the page's content again, puts it in place.
"use strict";
(() => {
  const { root, boards, language } = document.body.dataset;
  const main = document.getElementById("content");
  const chip = document.getElementById("connection");
  const PAUSE = 300, AGAIN = 3000, QUIET_REFRESH = 60000;

  // --- connection and freshness -------------------------------------------------------------------------------
  let connected = false, lostAt = null;
  function showState() {
    if (!chip) return;
    const fresh = document.getElementById("fresh");
    const state = !connected ? (lostAt ? "lost" : "connecting") : fresh && fresh.dataset.stale === "yes" ? "stale" : "live";
    let words = chip.dataset[state];
    if (state === "lost") words += " · " + span((Date.now() - lostAt) / 1000);
    if (chip.dataset.state !== state) chip.dataset.state = state;
    const text = chip.lastElementChild;
    if (text.textContent !== words) text.textContent = words;
  }

  // The server's time counts, not this machine's.
  let ahead = 0;
  const setTime = (now) => { if (now) ahead = Date.parse(now) - Date.now(); };
  setTime(document.body.dataset.now);

  // --- clocks -------------------------------------------------------------------------------------------------
  const UNITS = language === "en" ? ["d", "h", "min"] : ["天", "小时", "分"];
  function span(seconds) {
    const minutes = Math.floor(Math.abs(seconds) / 60);
    const counts = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
    let first = counts.findIndex((n) => n);
    if (first < 0) first = 2;
    return counts.slice(first, first + 2).map((n, i) => [n, UNITS[first + i]])
      .filter(([n], i) => n || first + i === 2 && first === 2).map(([n, unit]) => n + " " + unit).join(" ");
  }
  function tick() {
    const now = Date.now() + ahead;
    for (const clock of document.querySelectorAll(".clock.ticking")) {
      const left = (Date.parse(clock.dataset.due) - now) / 1000;
      const kind = left < 0 ? "late" : left < 14400 ? "soon" : "calm";
      if (!clock.classList.contains(kind)) {
        clock.classList.remove("late", "soon", "calm");
        clock.classList.add(kind);
      }
      const time = clock.querySelector("time"), words = span(left);
      if (time.textContent !== words) {
        time.textContent = words;
        time.previousSibling.textContent = (left < 0 ? clock.dataset.late : clock.dataset.left) + " ";
      }
    }
    const wall = document.querySelector(".wall-clock");
    if (wall) wall.textContent = new Date(now + 8 * 3600e3).toISOString().slice(0, 16).replace("T", " ");
    showState();
  }
  setInterval(tick, 1000);

  // --- the content, fetched again -----------------------------------------------------------------------------
  let fetching = false, again = false, fetchedAt = Date.now(), said = announced();
  function announced() {
    const found = main.querySelector("[data-announce]");
    return found ? found.dataset.announce : "";
  }
  async function refresh() {
    if (fetching) { again = true; return; }
    if (main.querySelector("form :focus, dialog[open]")) { setTimeout(refresh, AGAIN); return; } // nobody loses what they type
    fetching = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Fragment": "1" }, cache: "no-store" });
      if (answer.status === 401) { location.reload(); return; }
      if (answer.ok) { setTime(answer.headers.get("X-Now")); put(await answer.text()); }
    } catch { /* the stream tells of a lost connection */ } finally {
      fetching = false;
      if (again) { again = false; setTimeout(refresh, PAUSE); }
    }
  }
  function put(html) {
    const focus = document.activeElement && main.contains(document.activeElement) ? document.activeElement.id : "";
    const open = [...main.querySelectorAll("details[open]")].map((each) => each.id);
    const scrolled = [...main.querySelectorAll("[id]")].filter((each) => each.scrollLeft || each.scrollTop)
      .map((each) => [each.id, each.scrollLeft, each.scrollTop]);
    const known = new Set([...main.querySelectorAll("tr[id]")].map((row) => row.id));
    main.innerHTML = html;
    for (const id of open) { const each = id && document.getElementById(id); if (each) each.open = true; }
    for (const [id, left, top] of scrolled) document.getElementById(id)?.scrollTo(left, top);
    if (focus) document.getElementById(focus)?.focus({ preventScroll: true });
    for (const row of main.querySelectorAll("tr[id]")) if (!known.has(row.id)) row.classList.add("fresh");
    fetchedAt = Date.now();
    const news = announced();
    if (news !== said) { said = news; document.getElementById("said").textContent = news; }
    tick();
  }

  // --- what is listened to ------------------------------------------------------------------------------------
  let source = null;
  function listen() {
    source = new EventSource(`${root}/screens/stream?boards=${boards}`);
    source.onopen = () => { connected = true; lostAt = null; showState(); refresh(); };
    source.addEventListener("news", refresh);
    source.onerror = () => {
      lose();
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, AGAIN); // the browser has given up
    };
  }
  function lose() {
    lostAt = lostAt || Date.now();
    connected = false;
    showState();
  }
  if (boards) {
    listen();
    addEventListener("offline", () => { source.close(); lose(); }); // sooner than the silence would tell
    addEventListener("online", () => { source.close(); listen(); });
    setInterval(() => { if (connected && Date.now() - fetchedAt > QUIET_REFRESH) refresh(); }, 5000); // the day changes, too
    addEventListener("pagehide", () => source.close());
  }

  // --- commands -----------------------------------------------------------------------------------------------
  const key = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.command) return;
    event.preventDefault();
    const button = event.submitter;
    if (button) button.disabled = true;
    form.dataset.key = form.dataset.key || key(); // the same if it has to be sent again
    const body = {};
    for (const [name, value] of new FormData(form)) if (value !== "") body[name] = value;
    try {
      const answer = await fetch(form.dataset.command, {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": form.dataset.key, "Accept-Language": language },
        body: JSON.stringify(body),
      });
      if (answer.status < 500) delete form.dataset.key;
      if (answer.ok) { document.activeElement?.blur(); await refresh(); location.hash = ""; return; }
      tell(await answer.json());
    } catch (error) {
      tell({ title: language === "en" ? "Not sent" : "未能发送", detail: language === "en" ? "Check the connection and try again." : "请检查网络后重试。" });
    } finally {
      if (button) button.disabled = false;
    }
  });
  function tell(problem) {
    const dialog = document.getElementById("problem");
    dialog.querySelector("h2").textContent = problem.title || "";
    dialog.querySelector("p").textContent = problem.detail || "";
    dialog.querySelector("ul").replaceChildren(...(problem.errors || []).map((each) => {
      const item = document.createElement("li");
      item.textContent = each.detail;
      return item;
    }));
    dialog.showModal();
  }
  tick();
})();
