// The editor: a textarea with colours and marks behind it, a gutter, and completions at the caret.

const $ = (id) => document.getElementById(id);
const TOKEN = /(?<c>(?:^|(?<=\s))#[^\n]*)|(?<k>(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z_$][\w $-]*?)(?=\s*:(?:\s|$)))|(?<s>"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?)|(?<n>-?\b\d[\d._:TZ-]*\b|\b(?:true|false|null)\b)|(?<p>[{}[\],:])/gm;
const MOST_COLOURED = 200_000;
const ROW = 20;

function piece(text, kind) {
  if (!kind) return document.createTextNode(text);
  const made = document.createElement("span");
  made.className = kind;
  made.textContent = text;
  return made;
}

function coloured(text) {
  const made = document.createDocumentFragment();
  let done = 0;
  for (const found of text.length > MOST_COLOURED ? [] : text.matchAll(TOKEN)) {
    if (found.index > done) made.append(text.slice(done, found.index));
    made.append(piece(found[0], Object.keys(found.groups).find((name) => found.groups[name] !== undefined)));
    done = found.index + found[0].length;
  }
  made.append(text.slice(done) + "\n");
  return made;
}

export class Editor {
  constructor({ changed, complete, moved }) {
    this.area = $("text");
    this.problems = [];
    this.choices = [];
    this.asked = 0;
    this.told = { changed, complete, moved };
    this.pen = document.createElement("canvas").getContext("2d");
    this.area.addEventListener("input", (event) => this.typed(event));
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== this.area) this.close(); }, 150));
    document.addEventListener("selectionchange", () => { if (document.activeElement === this.area) this.moved(); });
    $("choices").addEventListener("mousedown", (event) => {
      const item = event.target.closest("li");
      event.preventDefault();
      if (item) { this.chosen = Number(item.dataset.at); this.accept(); }
    });
    $("gutter").addEventListener("click", (event) => {
      const line = event.target.closest(".bad");
      if (line) this.goTo(this.problems[Number(line.dataset.at)].start);
    });
  }

  get text() { return this.area.value; }

  set text(text) {
    this.area.value = text;
    this.area.setSelectionRange(0, 0);
    $("scroller").scrollTo(0, 0);
    this.draw();
    this.told.changed();
  }

  replace(start, stop, text) {
    this.area.focus();
    this.area.setSelectionRange(start, stop);
    if (!document.execCommand("insertText", false, text)) this.area.setRangeText(text, start, stop, "end");
    this.draw();
  }

  typed(event) {
    this.problems = [];
    this.draw();
    this.told.changed();
    const open = event.inputType === "insertText" && /[\w"$: {-]/.test(event.data || "");
    if (open || (!$("popup").hidden && event.inputType?.startsWith("delete"))) this.suggest();
    else this.close();
  }

  draw() {
    const text = this.text;
    $("colors").replaceChildren(coloured(text));
    $("language").textContent = text.trimStart().startsWith("{") ? "JSON" : "YAML";
    this.mark();
  }

  // Marks and the gutter show the problems.
  mark() {
    const text = this.text, made = document.createDocumentFragment();
    let done = 0;
    for (const { start, stop } of [...this.problems].sort((a, b) => a.start - b.start)) {
      const from = Math.max(start, done), to = Math.min(Math.max(stop, from + 1), text.length);
      if (to <= from) continue;
      const mark = document.createElement("mark");
      mark.textContent = text.slice(from, to);
      made.append(text.slice(done, from), mark);
      done = to;
    }
    made.append(text.slice(done) + "\n");
    $("marks").replaceChildren(made);
    const wrong = new Map();
    this.problems.forEach((one, at) => { const line = this.lineOf(one.start); if (!wrong.has(line)) wrong.set(line, at); });
    const gutter = document.createDocumentFragment();
    text.split("\n").forEach((_, number) => {
      const line = piece(`${number + 1}`, wrong.has(number + 1) ? "bad" : "line");
      if (wrong.has(number + 1)) { line.dataset.at = wrong.get(number + 1); line.title = this.problems[wrong.get(number + 1)].message; }
      gutter.append(line, "\n");
    });
    $("gutter").replaceChildren(gutter);
  }

  show(problems) { this.problems = problems; this.mark(); this.moved(); }

  lineOf(offset) { return this.text.slice(0, offset).split("\n").length; }

  moved() {
    const at = this.area.selectionStart, line = this.lineOf(at);
    const column = at - this.text.lastIndexOf("\n", at - 1);
    $("where").textContent = `line ${line}, column ${column}`;
    this.told.moved(this.problems.findIndex((one) => at >= one.start && at <= one.stop));
  }

  goTo(offset) {
    this.area.focus();
    this.area.setSelectionRange(offset, offset);
    const scroller = $("scroller");
    scroller.scrollTop = Math.max((this.lineOf(offset) - 1) * ROW - scroller.clientHeight / 3, 0);
  }

  next(by) {
    if (!this.problems.length) return;
    const sorted = [...this.problems].sort((a, b) => a.start - b.start), at = this.area.selectionStart;
    const found = by > 0 ? sorted.find((one) => one.start > at) : sorted.findLast((one) => one.start < at);
    this.goTo((found || sorted.at(by > 0 ? 0 : -1)).start);
  }

  // --- completions

  async suggest() {
    const asked = ++this.asked, offset = this.area.selectionStart;
    const found = await this.told.complete(this.text, offset);
    if (asked !== this.asked || offset !== this.area.selectionStart || !found?.items?.length) { if (asked === this.asked) this.close(); return; }
    const whole = this.text.slice(found.start, found.stop);
    if (found.items.length === 1 && found.items[0][1].trim() === whole.trim()) { this.close(); return; }
    Object.assign(this, { choices: found.items, start: found.start, stop: found.stop, chosen: 0 });
    $("choices").replaceChildren(...found.items.map(([label, , what, detail], at) => {
      const item = document.createElement("li");
      item.id = `choice-${at}`;
      item.dataset.at = at;
      item.setAttribute("role", "option");
      item.append(piece(what, "what"), piece(label, "label"), piece(detail, "detail"));
      [...item.children].forEach((child, k) => { const tag = document.createElement(["i", "b", "small"][k]); tag.textContent = child.textContent; child.replaceWith(tag); });
      return item;
    }));
    this.place(offset);
    this.select(0);
  }

  place(offset) {
    const popup = $("popup"), scroller = $("scroller");
    this.pen.font = getComputedStyle(this.area).font;
    const begin = this.text.lastIndexOf("\n", this.start - 1) + 1;
    const x = 10 + this.pen.measureText(this.text.slice(begin, this.start)).width;
    const top = 10 + this.lineOf(offset) * ROW;
    popup.hidden = false;
    const below = top + popup.offsetHeight <= scroller.scrollTop + scroller.clientHeight;
    popup.style.top = `${below || top < popup.offsetHeight + ROW ? top : top - ROW - popup.offsetHeight - 4}px`;
    const room = scroller.scrollLeft + scroller.clientWidth - $("gutter").offsetWidth - popup.offsetWidth - 8;
    popup.style.left = `${Math.max(Math.min(x, room), 4)}px`;
    this.area.setAttribute("aria-expanded", "true");
  }

  select(at) {
    this.chosen = (at + this.choices.length) % this.choices.length;
    [...$("choices").children].forEach((item, k) => item.setAttribute("aria-selected", String(k === this.chosen)));
    $("choices").children[this.chosen].scrollIntoView({ block: "nearest" });
    this.area.setAttribute("aria-activedescendant", `choice-${this.chosen}`);
    $("help").textContent = this.choices[this.chosen][3];
  }

  accept() {
    const insert = this.choices[this.chosen][1];
    this.close();
    this.replace(this.start, this.stop, insert);
    if (insert.endsWith(": ")) this.suggest();
    else if (/^\{.*\}$/.test(insert)) this.area.setSelectionRange(this.start + insert.length - 1, this.start + insert.length - 1);
  }

  close() {
    this.asked += 1;
    $("popup").hidden = true;
    this.area.setAttribute("aria-expanded", "false");
    this.area.removeAttribute("aria-activedescendant");
  }

  key(event) {
    if (event.key === "F8") { event.preventDefault(); this.next(event.shiftKey ? -1 : 1); return; }
    if (event.key === " " && (event.ctrlKey || event.metaKey)) { event.preventDefault(); this.suggest(); return; }
    if (event.key === "Escape") { event.preventDefault(); this.close(); return; }
    if (!$("popup").hidden) {
      const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
      if (by) { event.preventDefault(); this.select(this.chosen + by); return; }
      if (event.key === "Enter" || event.key === "Tab") { event.preventDefault(); this.accept(); return; }
      if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") this.close();
    }
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) this.newLine(event);
  }

  newLine(event) {
    const at = this.area.selectionStart, begin = this.text.lastIndexOf("\n", at - 1) + 1;
    const before = this.text.slice(begin, at);
    const deeper = /[{[:]\s*$/.test(before) || /^\s*- \S+:(\s|$)/.test(before) ? "  " : "";
    event.preventDefault();
    this.replace(at, this.area.selectionEnd, `\n${before.match(/^ */)[0]}${deeper}`);
  }
}
