// A plane of up to some 100,000 points on a canvas: walk by dragging, the wheel or the keys; choose by rectangle or lasso.

import { ask, at, canvas2d, colour, element, later, say, send } from "./site.js";
import { play } from "./player.js";

const canvas = document.getElementById("map");
const here = document.getElementById("map-here");
const { state } = canvas.dataset;
const count = Number(canvas.dataset.count);

const GRID = 128;
const LABELS = 30; // Points in sight up to which their titles are shown.
const NEAR = 12; // Pixels within which a click means a point.

let places = new Uint16Array(2 * count);
let shades = null;
let cells = Array.from({ length: GRID * GRID }, () => []);
const known = new Map(); // Names of points that were asked for.
let cursor = -1;
let chosen = new Set();
let mode = "walk";
let view = { x: 0.5, y: 0.5, zoom: 1 };
let size = { width: 1, height: 1 };
let drawing = null; // The rectangle or lasso that is being drawn, in pixels.
let colours = {};

const px = (i) => places[2 * i] / 65535;
const py = (i) => 1 - places[2 * i + 1] / 65535;
const scale = () => Math.min(size.width, size.height) * 0.94 * view.zoom;
const stretch = () => (size.width / Math.min(size.width, size.height));
const screen = (i) => [
  size.width / 2 + (px(i) - view.x) * scale() * stretch(),
  size.height / 2 + (py(i) - view.y) * scale(),
];
const plane = (x, y) => [(x - size.width / 2) / (scale() * stretch()) + view.x, (y - size.height / 2) / scale() + view.y];

async function load(paint = "") {
  const answer = await fetch(at(`/library/map/points?state=${state}&paint=${paint}`));
  if (!answer.ok) return say((await answer.json()).error.message);
  const bytes = await answer.arrayBuffer();
  places = new Uint16Array(bytes, 0, 2 * count);
  shades = paint ? new Uint8Array(bytes, 4 * count, count) : null;
  cells = Array.from({ length: GRID * GRID }, () => []);
  for (let i = 0; i < count; i++) cells[cell(px(i), py(i))].push(i);
  canvas.dataset.ready = paint || "plain";
  draw();
}

const clip = (value) => Math.min(GRID - 1, Math.max(0, Math.floor(value * GRID)));
const cell = (x, y) => clip(y) * GRID + clip(x);

/** The points of all cells that touch a stretch of the plane. */
function* around(left, top, right, bottom) {
  for (let row = clip(top); row <= clip(bottom); row++)
    for (let column = clip(left); column <= clip(right); column++) yield* cells[row * GRID + column];
}

let asked = false;
let ground = null; // The points as they were last drawn; what moves over them needs no points drawn again.
let sight = [];

/** Draw everything anew before the next frame. */
function draw() {
  ground = null;
  drawOver();
}

/** Draw what lies over the points anew: the cursor, and the shape that is being drawn. */
function drawOver() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(paintNow);
}

function paintNow() {
  asked = false;
  const { context, width, height } = canvas2d(canvas);
  size = { width, height };
  if (!ground) {
    sight = points(context, width, height);
    ground = document.createElement("canvas");
    [ground.width, ground.height] = [canvas.width, canvas.height];
    ground.getContext("2d").drawImage(canvas, 0, 0);
  } else context.drawImage(ground, 0, 0, width, height);
  if (sight.length <= LABELS) label(context, sight, width);
  if (cursor >= 0) {
    const [x, y] = screen(cursor);
    context.strokeStyle = colours.ink;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x, y, 9, 0, 2 * Math.PI);
    context.stroke();
  }
  if (drawing && drawing.length > 1) {
    context.strokeStyle = colours.accent;
    context.setLineDash([4, 3]);
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [x, y] of outline()) context.lineTo(x, y);
    context.closePath();
    context.stroke();
    context.setLineDash([]);
  }
}

/** Draw the points in sight, and say which they are. */
function points(context, width, height) {
  const side = Math.max(1.5, Math.min(7, 90 / Math.sqrt(count) + view.zoom));
  context.globalAlpha = count > 20000 ? 0.5 : 0.85;
  const [left, top] = plane(0, 0);
  const [right, bottom] = plane(width, height);
  const seen = [...around(left, top, right, bottom)];
  if (shades) {
    // In eight steps, so that the colour changes eight times and not once a point.
    const steps = Array.from({ length: 8 }, () => []);
    for (const i of seen) steps[shades[i] >> 5].push(i);
    steps.forEach((step, at) => {
      context.fillStyle = `color-mix(in oklab, ${colours.accent} ${(at / 7) * 100}%, ${colours.bars})`;
      for (const i of step) dot(context, i, side);
    });
  } else {
    context.fillStyle = chosen.size ? colours.bars : colours.quiet;
    for (const i of seen) dot(context, i, side);
  }
  context.globalAlpha = 1;
  context.fillStyle = colours.accent;
  for (const i of chosen) dot(context, i, side + 2);
  return seen;
}

/** Titles beside the points, where there are few enough of them to be read. */
function label(context, seen, width) {
  const missing = seen.filter((i) => !known.has(i));
  if (missing.length) names(missing).then(drawOver);
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = colours.ink;
  for (const i of seen) {
    const [x, y] = screen(i);
    const title = known.get(i)?.name ?? "";
    const left = x + 12 + context.measureText(title).width > width;
    context.textAlign = left ? "right" : "left";
    context.fillText(title, x + (left ? -10 : 10), y + 4);
  }
}

function dot(context, i, side) {
  const [x, y] = screen(i);
  context.fillRect(x - side / 2, y - side / 2, side, side);
}

/** The shape being drawn; a rectangle by its four corners. */
function outline() {
  if (mode !== "box") return drawing;
  const [[a, b], [c, d]] = [drawing[0], drawing[drawing.length - 1]];
  return [[a, b], [c, b], [c, d], [a, d]];
}

function nearest(x, y, within = NEAR) {
  const reach = Math.max(within / scale(), 1 / GRID);
  const [u, v] = plane(x, y);
  let [best, least] = [-1, within * within];
  for (const i of around(u - reach, v - reach, u + reach, v + reach)) {
    const [a, b] = screen(i);
    const far = (a - x) ** 2 + (b - y) ** 2;
    if (far < least) [best, least] = [i, far];
  }
  return best;
}

async function names(points) {
  const missing = points.filter((i) => !known.has(i)).slice(0, 100);
  if (missing.length) {
    const told = await ask(`/library/map/tracks?state=${state}&at=${missing.join(",")}`);
    missing.forEach((i, n) => known.set(i, told.tracks[n]));
  }
  return points.map((i) => known.get(i));
}

const tell = later(async () => {
  const asked = cursor;
  if (asked < 0) return;
  const [track] = await names([asked]);
  if (asked !== cursor || !track) return;
  here.replaceChildren(
    element("a", { href: at(`/track/${track.id}`) }, track.name),
    ` ${track.artists}${chosen.has(asked) ? " · chosen" : ""}`,
  );
}, 60);

function point(i) {
  if (i < 0 || i === cursor) return;
  cursor = i;
  drawOver();
  tell();
}

async function listen(i) {
  point(i);
  const [track] = await names([i]);
  play(track.id, track.name);
}

// Choosing ----------------------------------------------------------------------------------------------------------

const list = document.getElementById("chosen");

const show = later(async () => {
  const some = [...chosen];
  document.getElementById("chosen-count").textContent = some.length;
  document.getElementById("chosen-none").hidden = some.length > 0;
  document.getElementById("keep").hidden = some.length === 0;
  const told = await names(some.slice(0, 30));
  list.replaceChildren(
    ...told.map((track) =>
      element(
        "li", {},
        element("button", { type: "button", class: "play", "data-play": track.id, "data-title": track.name, "aria-label": `Play ${track.name}` }),
        element("span", {}, element("a", { class: "title", href: at(`/track/${track.id}`) }, track.name), element("span", { class: "by" }, track.artists)),
      ),
    ),
  );
  if (some.length > 30) list.append(element("li", { class: "quiet" }, `and ${some.length - 30} more`));
}, 60);

function choose(points, { more = false } = {}) {
  chosen = new Set(more ? [...chosen, ...points] : points);
  document.getElementById("kept").textContent = "";
  draw();
  show();
  tell();
}

function inside(shape, x, y) {
  let odd = false;
  for (let i = 0, j = shape.length - 1; i < shape.length; j = i++) {
    const [[a, b], [c, d]] = [shape[i], shape[j]];
    if (b > y !== d > y && x < ((c - a) * (y - b)) / (d - b) + a) odd = !odd;
  }
  return odd;
}

function caught() {
  const shape = outline();
  const [xs, ys] = [shape.map((p) => p[0]), shape.map((p) => p[1])];
  const [left, top] = plane(Math.min(...xs), Math.min(...ys));
  const [right, bottom] = plane(Math.max(...xs), Math.max(...ys));
  return [...around(left, top, right, bottom)].filter((i) => inside(shape, ...screen(i)));
}

function neighbours(i, many) {
  const far = (j) => (px(j) - px(i)) ** 2 + (py(j) - py(i)) ** 2;
  let reach = 1 / GRID;
  let found = [];
  while (found.length < Math.min(many, count) && reach < 2) {
    found = [...around(px(i) - reach, py(i) - reach, px(i) + reach, py(i) + reach)];
    reach *= 2;
  }
  return found.sort((a, b) => far(a) - far(b)).slice(0, many);
}

// Walking -----------------------------------------------------------------------------------------------------------

function zoom(by, x = size.width / 2, y = size.height / 2) {
  const [u, v] = plane(x, y);
  view.zoom = Math.min(200, Math.max(1, view.zoom * by));
  const [a, b] = plane(x, y);
  view.x += u - a;
  view.y += v - b;
  if (view.zoom === 1) view = { x: 0.5, y: 0.5, zoom: 1 };
  draw();
}

function step(dx, dy) {
  if (cursor < 0) return point(nearest(size.width / 2, size.height / 2, 1e6));
  const [x, y] = [px(cursor), py(cursor)];
  let [best, least] = [-1, Infinity];
  // The nearest ahead; what lies to the side counts as farther away.
  for (let reach = 1 / GRID; best < 0 && reach < 2; reach *= 2)
    for (const i of around(x - reach, y - reach, x + reach, y + reach)) {
      const ahead = (px(i) - x) * dx + (py(i) - y) * dy;
      const aside = Math.abs((px(i) - x) * dy) + Math.abs((py(i) - y) * dx);
      if (i !== cursor && ahead > 0 && aside <= ahead * 2 && ahead + 2 * aside < least) [best, least] = [i, ahead + 2 * aside];
    }
  point(best);
  const [a, b] = screen(cursor);
  if (a < 0 || b < 0 || a > size.width || b > size.height) [view.x, view.y] = [px(cursor), py(cursor)];
  draw();
}

canvas.addEventListener("keydown", (event) => {
  const keys = {
    ArrowLeft: () => step(-1, 0), ArrowRight: () => step(1, 0), ArrowUp: () => step(0, -1), ArrowDown: () => step(0, 1),
    Enter: () => cursor >= 0 && listen(cursor),
    " ": () => cursor >= 0 && choose(chosen.has(cursor) ? [...chosen].filter((i) => i !== cursor) : [...chosen, cursor]),
    n: () => cursor >= 0 && choose(neighbours(cursor, 20), { more: true }),
    "+": () => zoom(1.5, ...(cursor >= 0 ? screen(cursor) : [])), "-": () => zoom(1 / 1.5), 0: whole, Escape: () => choose([]),
  };
  const work = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!work || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  work();
});

let from = null;
const place = (event) => [event.offsetX, event.offsetY];
canvas.addEventListener("pointerdown", (event) => {
  canvas.setPointerCapture(event.pointerId);
  from = { at: place(event), view: { ...view }, moved: false };
  if (mode !== "walk") drawing = [place(event)];
});
canvas.addEventListener("pointermove", (event) => {
  const [x, y] = place(event);
  if (!from) return point(nearest(x, y));
  if (Math.hypot(x - from.at[0], y - from.at[1]) > 4) from.moved = true;
  if (drawing) {
    drawing.push([x, y]);
    drawOver();
  } else if (from.moved) {
    view.x = from.view.x - (x - from.at[0]) / (scale() * stretch());
    view.y = from.view.y - (y - from.at[1]) / scale();
    draw();
  }
});
canvas.addEventListener("pointerup", (event) => {
  const [x, y] = place(event);
  if (drawing && from?.moved) choose(caught(), { more: event.shiftKey });
  else if (from && !from.moved) {
    const i = nearest(x, y, 20);
    if (i >= 0) listen(i);
  }
  from = drawing = null;
  draw();
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...place(event));
}, { passive: false });

function whole() {
  view = { x: 0.5, y: 0.5, zoom: 1 };
  draw();
}
document.getElementById("closer").addEventListener("click", () => zoom(1.5));
document.getElementById("farther").addEventListener("click", () => zoom(1 / 1.5));
document.getElementById("whole").addEventListener("click", whole);
document.getElementById("drop").addEventListener("click", () => choose([]));
document.getElementById("paint").addEventListener("change", (event) => load(event.target.value));
for (const button of document.querySelectorAll("[data-mode]"))
  button.addEventListener("click", () => {
    mode = button.dataset.mode;
    canvas.dataset.mode = mode;
    for (const other of document.querySelectorAll("[data-mode]:not(canvas)")) other.setAttribute("aria-pressed", other === button);
  });
document.getElementById("keep").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = event.target.elements.name.value;
  try {
    const made = await send("/playlists", { name, state, at: [...chosen].join(",") });
    document.getElementById("kept").replaceChildren("Saved ", element("a", { href: at(`/playlists/${made.id}`) }, made.name), `: ${made.total} tracks`);
  } catch (error) {
    document.getElementById("kept").textContent = error.message;
  }
});

function recolour() {
  for (const name of ["accent", "ink", "quiet", "bars"]) colours[name] = colour(name);
  draw();
}
addEventListener("resize", draw);
document.addEventListener("theme", recolour);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
recolour();
load();
