// The editor: a textarea with colours and marks behind it, a gutter, and completions at the caret. Only the lines in
// sight are drawn, so that typing takes the same time in a document of any length.

const $ = (id) => document.getElementById(id);
const TOKEN = /(?<c>(?:^|(?<=\s))#[^\n]*)|(?<k>(?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[A-Za-z_$][\w $-]*?)(?=\s*:(?:\s|$)))|(?<s>"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?)|(?<n>-?\b\d[\d._:TZ-]*\b|\b(?:true|false|null)\b)|(?<p>[{}[\],:])/gm;
const MOST_COLOURED = 5_000; // the characters of a line; the textarea shows the text of a document with a longer one
export const LONG = 200_000, PAUSE = 1000; // characters of a long document; milliseconds without a key until it is sent
const MOST_UNDONE = 50_000; // characters of an insertion that can be undone
const ROW = 20, EDGE = 10, SPARE = 30; // pixels of a line and above the first; lines drawn above and below those in sight

function piece(text, kind, tag = "span") {
  const made = document.createElement(tag);
  made.className = kind;
  made.textContent = text;
  return made;
}

function coloured(text) {
  const made = document.createDocumentFragment();
  let done = 0;
  for (const found of text.matchAll(TOKEN)) {
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
    this.starts = [0]; // the offset of each line
    this.drawn = [0, 0]; // the lines that are drawn: the first, and the one after the last
    this.length = 0;
    this.choices = [];
    this.asked = 0;
    this.told = { changed, complete, moved };
    this.pen = document.createElement("canvas").getContext("2d");
    this.area.addEventListener("input", (event) => this.typed(event));
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("blur", () => setTimeout(() => { if (document.activeElement !== this.area) this.close(); }, 150));
    const sight = () => { const [from, to] = this.sight(); if (from < this.drawn[0] || to > this.drawn[1]) this.paint(); };
    $("scroller").addEventListener("scroll", sight);
    new ResizeObserver(sight).observe($("scroller"));
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
    this.problems = [];
    this.draw();
    this.told.changed();
  }

  replace(start, stop, text) {
    const before = this.text;
    let same = 0, end = 0; // what differs is replaced, so that it can be undone and takes little time
    while (same < stop - start && same < text.length && before[start + same] === text[same]) same += 1;
    while (end < Math.min(stop - start, text.length) - same && before[stop - 1 - end] === text[text.length - 1 - end]) end += 1;
    const made = text.slice(same, text.length - end);
    this.area.focus();
    this.area.setSelectionRange(start + same, stop - end);
    // A browser inserts a long text line by line, each of which takes longer.
    if (made.length <= MOST_UNDONE && document.execCommand(made ? "insertText" : "delete", false, made)) this.area.setSelectionRange(start + text.length, start + text.length);
    else if (made.length > MOST_UNDONE || stop - end > start + same) { this.area.setRangeText(text, start, stop, "end"); this.shift(); this.told.changed(); }
    this.draw();
  }

  typed(event) {
    this.shift();
    this.draw();
    this.told.changed();
    const open = event.inputType === "insertText" && /[\w"$: {-]/.test(event.data || "");
    if (open || (!$("popup").hidden && event.inputType?.startsWith("delete"))) this.suggest();
    else this.close();
  }

  // Problems stay at their text, until the next check, when what is before it grows or shrinks.
  shift() {
    const by = this.area.value.length - this.length, at = this.area.selectionStart - Math.max(by, 0);
    for (const one of this.problems) {
      if (one.start > at) one.start = Math.max(one.start + by, at);
      if (one.stop > at) one.stop = Math.max(one.stop + by, at);
    }
  }

  draw() {
    const text = this.text, starts = [0];
    let longest = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      longest = Math.max(longest, at + 1 - starts.at(-1));
      starts.push(at + 1);
    }
    longest = Math.max(longest, text.length - starts.at(-1));
    const other = longest !== this.longest; // to measure the width takes a layout of the whole text
    Object.assign(this, { starts, length: text.length, longest, plain: longest > MOST_COLOURED });
    $("layers").classList.toggle("plain", this.plain);
    $("layers").style.height = `${starts.length * ROW + 50}px`;
    $("language").textContent = text.trimStart().startsWith("{") ? "JSON" : "YAML";
    this.paint();
    if (!other) return;
    const wide = this.area.scrollWidth > this.area.clientWidth ? this.area.scrollWidth : 0;
    if (wide) $("layers").style.minWidth = `${wide + 24}px`;
  }

  sight() {
    const { scrollTop, clientHeight } = $("scroller"), first = Math.floor((scrollTop - EDGE) / ROW);
    return [Math.max(first, 0), Math.min(first + Math.ceil(clientHeight / ROW) + 2, this.starts.length)];
  }

  // Colours, marks of the problems, and the numbers of the lines in sight.
  paint() {
    const [first, last] = this.sight(), from = Math.max(first - SPARE, 0), to = Math.min(last + SPARE, this.starts.length);
    this.drawn = [from, to];
    const begin = this.starts[from], text = this.plain ? "" : this.text.slice(begin, this.starts[to] ?? this.length);
    $("colors").replaceChildren(coloured(text));
    const marks = document.createDocumentFragment();
    let done = begin;
    for (const { start, stop } of this.sorted()) {
      const a = Math.max(start, done), b = Math.min(Math.max(stop, a + 1), begin + text.length);
      if (b <= a) continue;
      marks.append(text.slice(done - begin, a - begin), piece(text.slice(a - begin, b - begin), "", "mark"));
      done = b;
    }
    marks.append(text.slice(done - begin));
    $("marks").replaceChildren(marks);
    const wrong = new Map(), gutter = document.createDocumentFragment();
    this.problems.forEach((one, at) => { const line = this.lineOf(one.start); if (!wrong.has(line)) wrong.set(line, at); });
    for (let line = from + 1; line <= to; line++) {
      const made = piece(`${line}`, wrong.has(line) ? "bad" : "line");
      if (wrong.has(line)) { made.dataset.at = wrong.get(line); made.title = this.problems[wrong.get(line)].message; }
      gutter.append(made, "\n");
    }
    $("gutter").replaceChildren(gutter);
    $("gutter").style.minWidth = `calc(${String(this.starts.length).length + 2}ch + 20px)`;
    for (const id of ["colors", "marks", "gutter"]) $(id).style.paddingTop = `${EDGE + from * ROW}px`;
  }

  sorted() { return [...this.problems].sort((a, b) => a.start - b.start); }

  show(problems) { this.problems = problems; this.paint(); this.moved(); }

  // The number of the line of an offset, from 1.
  lineOf(offset) {
    let low = 0, high = this.starts.length;
    while (high - low > 1) { const middle = (low + high) >> 1; if (this.starts[middle] <= offset) low = middle; else high = middle; }
    return low + 1;
  }

  moved() {
    const at = this.area.selectionStart, line = this.lineOf(at);
    $("where").textContent = `line ${line}, column ${at - this.starts[line - 1] + 1}`;
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
    const sorted = this.sorted(), at = this.area.selectionStart;
    const found = by > 0 ? sorted.find((one) => one.start > at) : sorted.findLast((one) => one.start < at);
    this.goTo((found || sorted.at(by > 0 ? 0 : -1)).start);
  }

  // --- completions

  suggest() { this.pending = this.suggested(); }

  async suggested() {
    const asked = ++this.asked, offset = this.area.selectionStart;
    if (this.length > LONG) await new Promise((done) => setTimeout(done, PAUSE)); // not sent for each key
    if (asked !== this.asked) return;
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
      item.append(piece(what, "", "i"), piece(label, "", "b"), piece(detail, "", "small"));
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
      if (event.key === "Enter" || event.key === "Tab") {
        event.preventDefault();
        this.pending.then(() => { if (!$("popup").hidden) this.accept(); }); // the choices may be those of fewer letters
        return;
      }
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
