"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function button(said, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = said;
  made.setAttribute("aria-label", label);
  made.title = label;
  made.addEventListener("click", act);
  return made;
}

// A picture on its own has no style sheet: what it looks like is written onto its parts.
const LOOKS = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "font-family", "font-size", "font-style", "font-weight", "letter-spacing", "text-anchor"];

function standalone(picture) {
  const copy = picture.cloneNode(true);
  const parts = [picture, ...all("*", picture)];
  [copy, ...all("*", copy)].forEach((part, at) => {
    const look = getComputedStyle(parts[at]);
    LOOKS.forEach((name) => part.setAttribute(name, look.getPropertyValue(name)));
    ["class", "style", "href"].forEach((name) => part.removeAttribute(name));
  });
  const [, , width, height] = picture.getAttribute("viewBox").split(" ");
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  Object.entries({ width, height, fill: getComputedStyle(picture.closest("figure")).backgroundColor })
    .forEach(([name, value]) => paper.setAttribute(name, value));
  copy.prepend(paper);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  return new XMLSerializer().serializeToString(copy);
}

function save(figure) {
  const picture = all("svg", figure).find((one) => one.getBoundingClientRect().width > 0);
  if (!picture) return;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([standalone(picture)], { type: "image/svg+xml" }));
  link.download = (figure.dataset.name || "chart").replace(/[^\w.-]+/g, "_") + ".svg";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

all("figure[data-name]").forEach((figure) => {
  if (figure.querySelector("svg")) {
    const made = button("\u2913 SVG", "Save " + figure.dataset.name + " as SVG", () => save(figure));
    made.className = "save";
    figure.append(made);
  }
});

// The diagram: as wide as its place at first, but never too small to read.
all(".zoomed").forEach((place) => {
  const picture = place.querySelector("svg");
  const natural = Number(picture.getAttribute("viewBox").split(" ")[2]);
  let zoom = 1;
  const show = (to) => {
    const middle = [place.scrollLeft + place.clientWidth / 2, place.scrollTop + place.clientHeight / 2];
    const by = Math.min(Math.max(to, 0.2), 4) / zoom;
    zoom *= by;
    picture.style.width = natural * zoom + "px";
    place.scrollLeft = middle[0] * by - place.clientWidth / 2;
    place.scrollTop = middle[1] * by - place.clientHeight / 2;
  };
  const whole = () => (place.clientWidth - 2) / natural;
  const bar = document.createElement("div");
  bar.className = "zoom";
  bar.append(
    button("\u2212", "Smaller", () => show(zoom / 1.25)),
    button("+", "Larger", () => show(zoom * 1.25)),
    button("1:1", "Full size", () => show(1)),
    button("all", "The whole diagram", () => show(whole())),
  );
  place.before(bar);
  place.addEventListener("keydown", (event) => {
    const by = { "+": 1.25, "=": 1.25, "-": 0.8 }[event.key];
    if (by && !event.ctrlKey && !event.metaKey) { show(zoom * by); event.preventDefault(); }
  });
  place.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) { show(zoom * (event.deltaY < 0 ? 1.1 : 1 / 1.1)); event.preventDefault(); }
  }, { passive: false });
  let held = null;
  place.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse") held = [event.clientX + place.scrollLeft, event.clientY + place.scrollTop];
  });
  addEventListener("pointerup", () => { held = null; });
  place.addEventListener("pointermove", (event) => {
    if (held) { place.scrollLeft = held[0] - event.clientX; place.scrollTop = held[1] - event.clientY; }
  });
  show(Math.min(Math.max(whole(), 0.62), 1));
  place.scrollTo(0, 0);
});

// A link to something that is folded away opens it.
function open() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) { const part = target.closest("details"); if (part) part.open = true; }
}
addEventListener("hashchange", open);
open();
addEventListener("beforeprint", () => all("details").forEach((part) => { part.open = true; }));
