// The page: asks the server of this machine for problems, pictures, rows and samples of the document.

import { Editor, LONG, PAUSE } from "./editor.js";

const $ = (id) => document.getElementById(id);
const SAMPLED = new Set(["columns", "time", "report"]);
const whole = new Intl.NumberFormat("en");
const now = { file: "", known: "", table: null, view: "tables", live: null, sample: null, sampled: null, error: null, valid: false };

const asking = new Map(); // what the server is working on, by name
const NEWEST = new Set(["live", "check", "complete", "sample"]); // requests of which only the newest is wanted

// The answer of the server; { stale: true } if it is no longer wanted.
async function ask(name, request) {
  const control = new AbortController();
  if (NEWEST.has(name)) cancel(name);
  asking.set(name, control);
  try {
    const answer = await fetch(name, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(request), signal: control.signal });
    return await answer.json();
  } catch {
    if (control.signal.aborted) return { stale: true };
    return { problems: [], error: { code: "gone", place: "$", message: "the page has ended, because its server does not answer: download the document, and start 'datagen ui' again" } };
  }
}

const cancel = (...names) => names.forEach((name) => asking.get(name)?.abort());

function make(tag, given = {}, ...children) {
  const made = Object.assign(document.createElement(tag), given);
  made.append(...children);
  return made;
}

// Pictures come from the server, which escapes every text in them.
function picture(markup) {
  const holder = document.createElement("template");
  holder.innerHTML = markup;
  return holder.content;
}

// One request at a time; what is asked for meanwhile is done once afterwards.
function single(work) {
  let running = false, again = false;
  return async function run() {
    if (running) { again = true; return; }
    running = true;
    do { again = false; await work(); } while (again);
    running = false;
  };
}

// `work` after a pause of so many milliseconds; a pause in a long document, where each key takes long, is longer.
function delayed(work, wait) {
  let timer = 0;
  return () => { clearTimeout(timer); timer = setTimeout(work, editor.length > LONG ? PAUSE + wait : wait); };
}

// --- problems

function state(text, kind, working = false) {
  $("state").textContent = text;
  $("state").className = `badge ${kind}${working ? " working" : ""}`;
}

function showProblems(problems) {
  editor.show(problems);
  $("problems").replaceChildren(...problems.map((one) => {
    const line = make("span", { className: "line", textContent: `line ${editor.lineOf(one.start)}` });
    const message = make("span", { className: "message", textContent: one.message }, make("span", { className: "code", textContent: one.code }));
    const made = make("button", { type: "button", title: one.place, onclick: () => editor.goTo(one.start) }, line, message);
    if (one.hint) made.append(make("span", { className: "hint", textContent: one.hint }));
    return made;
  }));
  const count = problems.length;
  if (count) state(`${count} problem${count > 1 ? "s" : ""}`, "bad");
  else state("valid", "good");
}

const check = single(async () => {
  const text = editor.text;
  state("checking", "none", true);
  const live = await ask("live", { text, table: now.table });
  if (live.stale || text !== editor.text) { update(); return; }
  now.valid = !live.problems.length && !live.error;
  now.error = live.error || null;
  showProblems(live.problems);
  if (now.valid) {
    showLive(live);
    notice();
    const full = await ask("check", { text });
    if (full.stale || text !== editor.text) { update(); return; }
    if (full.problems.length || full.error) {
      now.valid = false;
      now.error = full.error || null;
      showProblems(full.problems);
    }
  }
  if (now.error) state(now.error.code === "gone" ? "ended" : "cannot be made", "bad");
  notice();
  if (SAMPLED.has(now.view)) sampleSoon();
});

const update = delayed(check, 220);

// --- what it makes

function notice() {
  const place = $("notice"), needs = SAMPLED.has(now.view);
  const stale = needs && now.sample && now.sampled !== editor.text;
  let message = "", kind = "";
  if (now.error) [message, kind] = [now.error.message, "bad"];
  else if (!now.valid && editor.problems.length) message = now.live ? "This is the last version without problems." : "The document has problems; they are listed below it.";
  else if (needs && now.sampling) [message, kind] = ["A sample is being made and measured", "none working"];
  else if (stale) [message, kind] = ["The document has changed since this sample.", "none"];
  else if (needs && now.sample && now.sample.scale < 1) [message, kind] = [`A sample of ${whole.format(now.sample.rows)} rows, at scale ${now.sample.scale.toPrecision(2)} of the document.`, "none"];
  place.hidden = !message;
  place.textContent = message;
  place.className = `notice ${kind}`;
  for (const id of ["tables", "rows"]) $(id).classList.toggle("old", !now.valid && Boolean(now.live));
  for (const id of ["columns", "time", "report"]) $(id).classList.toggle("old", Boolean(stale));
}

function showLive(live) {
  const before = now.live;
  now.live = live;
  now.table = live.preview?.table ?? null;
  document.title = `${live.name} · datagen`;
  $("facts").textContent = `about ${whole.format(live.rows)} rows in ${live.tables.length} table${live.tables.length > 1 ? "s" : ""}`;
  showChips();
  const seen = (one) => one && JSON.stringify([one.diagram, one.tables]);
  if (seen(before) !== seen(live)) showTables(live); // to draw hundreds of tables takes long
  showRows(live.preview, before?.preview);
}

function showTables(live) {
  const drawing = make("div", { className: "drawing", tabIndex: 0 }, picture(live.diagram));
  const drawn = drawing.querySelector("svg"), natural = Number(drawn.getAttribute("width"));
  Object.assign(drawn.style, { minWidth: `${natural * 0.62}px`, maxWidth: `${natural}px` }); // never too small to read
  drawing.setAttribute("aria-label", "diagram of the tables");
  drawing.setAttribute("role", "region");
  drawing.querySelectorAll("a").forEach((link) => link.addEventListener("click", (event) => {
    event.preventDefault();
    open(link.getAttribute("href").slice("#table-".length), "rows");
  }));
  const body = make("tbody", {}, ...live.tables.map((one) => make("tr", {},
    make("td", {}, make("button", { type: "button", textContent: one.name, onclick: () => open(one.name, "rows") })),
    make("td", { className: "number", textContent: whole.format(one.rows) }),
    make("td", { textContent: one.hidden ? "hidden" : "" }))));
  const head = make("thead", {}, make("tr", {}, make("th", { textContent: "table" }), make("th", { className: "number", textContent: "rows" }), make("th")));
  const scrolled = $("tables").querySelector(".drawing")?.scrollLeft ?? 0;
  $("tables").replaceChildren(drawing, make("table", { className: "counts" }, head, body));
  drawing.scrollLeft = scrolled;
}

const isNumber = (column) => /^(int|float|decimal)/.test(column.type);

function showRows(preview, before) {
  if (!preview) { $("rows").replaceChildren(empty("No table is shown: all are hidden.")); return; }
  const same = before?.table === preview.table;
  const old = same ? new Map(before.columns.map((one, k) => [one.name, k])) : new Map();
  const head = make("tr", {}, ...preview.columns.map((one) => make("th", { scope: "col", textContent: one.name, className: isNumber(one) ? "number" : "" }, make("small", { textContent: one.type }))));
  const rows = preview.rows.map((row, r) => make("tr", {}, ...row.map((cell, c) => {
    const changed = same && before.rows[r]?.[old.get(preview.columns[c].name)] !== cell;
    const kinds = [cell === null && "null", changed && "changed", isNumber(preview.columns[c]) && "number"];
    return make("td", { textContent: cell ?? "null", title: cell ?? "", className: kinds.filter(Boolean).join(" ") });
  })));
  const grid = make("div", { className: "grid-rows", tabIndex: 0 }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  const scrolled = $("rows").querySelector(".grid-rows")?.scrollLeft ?? 0;
  $("rows").replaceChildren(preview.rows.length ? grid : empty("The table has no rows."));
  grid.scrollLeft = same ? scrolled : 0;
}

const empty = (text) => make("p", { className: "empty", textContent: text });

function showChips() {
  $("chips").hidden = now.view === "tables" || now.view === "report" || !now.live;
  $("chips").replaceChildren(...(now.live?.tables ?? []).filter((one) => !one.hidden || now.view !== "rows").map((one) => {
    const chip = make("button", { type: "button", textContent: one.name, onclick: () => open(one.name, now.view) });
    chip.setAttribute("aria-pressed", String(one.name === now.table));
    return chip;
  }));
}

function open(table, view) {
  const other = table !== now.table;
  now.table = table;
  show(view);
  if (view === "rows" && other) check();
  const chip = [...$("chips").children].find((one) => one.textContent === table);
  chip?.focus();
}

// --- the sample

const sample = single(async () => {
  const text = editor.text;
  if (!now.valid || now.sampled === text) return;
  now.sampling = true;
  notice();
  const found = await ask("sample", { text });
  now.sampling = false;
  if (found.stale) { notice(); return; }
  if (found.error) now.error = found.error;
  else if (!found.problems.length) Object.assign(now, { sample: found, sampled: text });
  showSample();
});

const sampleSoon = delayed(sample, 700);

function figure(one, caption) {
  const made = make("figure", { className: one?.wide ? "wide" : "" }, caption);
  if (one) {
    const narrow = one.narrow && $("right").clientWidth < 620;
    made.append(picture(narrow ? one.narrow : one.picture));
    if (one.message) made.append(make("p", { textContent: one.message }));
  } else made.append(empty("no chart"));
  return made;
}

const timed = (table) => now.sample.tables.find((one) => one.name === table)?.over_time.some((one) => one.wide);

function showSample() {
  notice();
  const sampled = now.sample, table = sampled?.tables.find((one) => one.name === now.table);
  if (!sampled || !SAMPLED.has(now.view)) return;
  if (now.view === "report") { showReport(sampled); return; }
  if (!table) { $(now.view).replaceChildren(empty("This table is not in the sample.")); return; }
  if (now.view === "columns") $("columns").replaceChildren(make("div", { className: "figures" }, ...table.columns.map(columnCard)));
  else {
    const cards = table.over_time.map((one) => figure(one, make("figcaption", {}, make("b", { textContent: one.title }))));
    $("time").replaceChildren(cards.length ? make("div", { className: "figures" }, ...cards) : empty("The rows of this table have no time."));
  }
}

function columnCard(one) {
  const about = [one.type, one.key].filter(Boolean).join(", ");
  const caption = make("figcaption", {}, make("b", { textContent: one.name }), " ", make("small", { textContent: about }), make("p", { textContent: one.what }));
  const made = figure(one.figure && { ...one.figure, wide: false }, caption);
  made.append(make("dl", {}, ...one.numbers.map(([name, value]) => make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value })))));
  return made;
}

function showReport(sampled) {
  if ($("report").dataset.of === now.sampled) return;
  $("report").dataset.of = now.sampled;
  const badge = make("span", { className: `badge ${sampled.passed ? "good" : "bad"}`, textContent: sampled.verdict });
  const facts = make("span", {}, "realism ", make("b", { textContent: sampled.realism ?? "–" }), ` · ${whole.format(sampled.rows)} rows measured`);
  const link = make("a", { href: "report", target: "_blank", rel: "noopener", textContent: "open in a tab" });
  const frame = make("iframe", { src: `report?${Date.now()}`, title: "validation report" });
  frame.setAttribute("sandbox", "allow-scripts allow-downloads");
  $("report").replaceChildren(make("div", { className: "summary" }, badge, facts, link), frame);
}

// --- views

const TABS = [...document.querySelectorAll("[role=tab]")];

function show(view) {
  now.view = view;
  TABS.forEach((tab) => {
    const mine = tab.id === `tab-${view}`;
    tab.setAttribute("aria-selected", String(mine));
    tab.tabIndex = mine ? 0 : -1;
    $(tab.getAttribute("aria-controls")).hidden = !mine;
  });
  if (view === "time" && now.sample && !timed(now.table)) now.table = now.sample.tables.find((one) => timed(one.name))?.name ?? now.table;
  showChips();
  if (SAMPLED.has(view)) {
    if (!now.sample) $(view).replaceChildren(empty("A sample of the document is shown here."));
    showSample();
    sample();
  }
  notice();
}

TABS.forEach((tab, at) => {
  tab.addEventListener("click", () => show(tab.getAttribute("aria-controls")));
  tab.addEventListener("keydown", (event) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = TABS[(to + TABS.length) % TABS.length];
    next.focus();
    next.click();
  });
});

const handle = $("handle");

function split(percent) {
  const kept = Math.min(Math.max(percent, 20), 80);
  document.documentElement.style.setProperty("--left", `${kept}fr`);
  document.documentElement.style.setProperty("--rest", `${100 - kept}fr`);
  handle.setAttribute("aria-valuenow", String(Math.round(kept)));
}

handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
handle.addEventListener("pointermove", (event) => { if (handle.hasPointerCapture(event.pointerId)) split((event.clientX / innerWidth) * 100); });
handle.addEventListener("keydown", (event) => {
  const by = { ArrowLeft: -3, ArrowRight: 3 }[event.key];
  if (by) { event.preventDefault(); split(Number(handle.getAttribute("aria-valuenow")) + by); }
});

// --- the document

const editor = new Editor({
  changed: () => { cancel("live", "check", "sample"); if (now.file) $("file").textContent = editor.text === now.saved ? now.file : `${now.file} •`; update(); },
  complete: (text, offset) => ask("complete", { text, offset }),
  moved: (at) => { [...$("problems").children].forEach((one, k) => one.toggleAttribute("aria-current", k === at)); },
});

function fail(error) {
  const place = $("notice");
  place.hidden = false;
  place.className = "notice bad";
  place.textContent = error.message;
}

async function save() {
  if (!now.file) { download(); return; }
  const text = editor.text, done = await ask("save", { text, known: now.known });
  if (done.error) { fail(done.error); return; }
  Object.assign(now, { known: done.known, saved: text });
  if (text === editor.text) $("file").textContent = now.file;
}

function download() {
  const json = editor.text.trimStart().startsWith("{");
  const link = make("a", { href: URL.createObjectURL(new Blob([editor.text], { type: "text/plain" })), download: now.file || `schema.${json ? "json" : "yaml"}` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

async function rewrite(name) {
  const made = await ask(name, { text: editor.text });
  if (made.error) fail(made.error);
  else if (made.text !== undefined && made.text !== editor.text) { editor.replace(0, editor.text.length, made.text); editor.goTo(0); update(); }
}
const format = () => rewrite("format");
const repair = () => rewrite("repair");

$("save").addEventListener("click", save);
$("download").addEventListener("click", download);
$("format").addEventListener("click", format);
$("repair").addEventListener("click", repair);
$("starters").addEventListener("change", async (event) => {
  const made = await ask("starter", { name: event.target.value });
  event.target.value = "";
  if (made.text !== undefined) editor.replace(0, editor.text.length, made.text);
  now.table = null;
  editor.goTo(0);
  update();
});
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s") { event.preventDefault(); save(); }
  if (event.altKey && event.shiftKey && event.code === "KeyF") { event.preventDefault(); format(); }
  if (event.altKey && event.shiftKey && event.code === "KeyR") { event.preventDefault(); repair(); }
});
addEventListener("beforeunload", (event) => { if (now.file && $("file").textContent !== now.file) event.preventDefault(); });

show("tables");
const begun = await ask("open", {});
if (begun.error) fail(begun.error);
else {
  $("starters").append(...begun.starters.map(([name, title]) => make("option", { value: name, textContent: name, title })));
  Object.assign(now, { known: begun.known, saved: begun.text });
  $("save").hidden = !begun.file;
  editor.text = begun.text;
  now.file = begun.file;
  $("file").textContent = begun.file || "new document";
}
