// One track over time: loudness of its segments, sections, bars and beats, pitches and timbre, all on one axis of time
// that follows the player.

import { ask, at, canvas2d, clock, colour, element } from "./site.js";
import { go, play, playing, position, sound, starts } from "./player.js";

const timeline = document.getElementById("timeline");
const WINDOW = 20; // Seconds of the detail.

let analysis = null;
let colours = {};
let still = 0; // Where the position was put while nothing plays.
let stills = new Map(); // What does not move, drawn once for each canvas.

const canvas = (name) => document.getElementById(name);
const duration = () => analysis.track.duration;
const mine = () => timeline && playing() === timeline.dataset.id;
const now = () => (mine() ? (position() ?? still) : still);

function seek(seconds) {
  still = Math.min(Math.max(0, seconds), duration() - 0.05);
  if (mine()) go(still);
  else starts.set(timeline.dataset.id, still);
  render();
}

function toggle() {
  if (mine()) sound.paused ? sound.play() : sound.pause();
  else play(timeline.dataset.id, timeline.dataset.title);
}

/** The last interval that starts at or before a moment. */
function within(intervals, moment) {
  let [low, high] = [0, intervals.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (intervals[middle].start <= moment + 1e-6) low = middle;
    else high = middle - 1;
  }
  return intervals.length && intervals[low].start <= moment + 1e-6 ? low : -1;
}

// Drawing -----------------------------------------------------------------------------------------------------------

const height = (level, full) => (Math.max(0, level + 60) / 60) ** 1.6 * full;

/** The outline of the loudness between two moments, mirrored at the middle. */
function wave(context, from, to, width, middle, full) {
  const x = (moment) => ((moment - from) / (to - from)) * width;
  const points = [];
  for (const one of analysis.segments) {
    if (one.start + one.duration < from || one.start > to) continue;
    points.push([x(one.start), height(one.loudness_start, full)]);
    points.push([x(one.start + one.loudness_max_time), height(one.loudness_max, full)]);
  }
  const last = analysis.segments.at(-1);
  if (last) points.push([x(last.start + last.duration), height(last.loudness_end ?? -60, full)]);
  context.beginPath();
  for (const [a, b] of points) context.lineTo(a, middle - b);
  for (const [a, b] of points.reverse()) context.lineTo(a, middle + b);
  context.closePath();
  context.fill();
}

function lines(context, intervals, from, to, width, top, bottom) {
  for (const one of intervals) {
    if (one.start < from || one.start > to) continue;
    context.fillRect(Math.round(((one.start - from) / (to - from)) * width), top, 1, bottom - top);
  }
}

function bands(context, from, to, width, full) {
  analysis.sections.forEach((one, n) => {
    const [a, b] = [one.start, one.start + one.duration].map((m) => ((m - from) / (to - from)) * width);
    context.fillStyle = n % 2 ? colours.sunk : colours.wash;
    context.fillRect(a, 0, b - a, full);
    context.fillStyle = colours.quiet;
    if (b - Math.max(a, 0) > 18) context.fillText(String(n + 1), Math.max(a, 0) + 4, 13);
  });
}

function overview(context, width, full) {
  context.font = "11px system-ui, sans-serif";
  bands(context, 0, duration(), width, full);
  context.fillStyle = colours.accent;
  wave(context, 0, duration(), width, full / 2, full / 2 - 16);
  context.fillStyle = colours.quiet;
  // Bars and beats only where they do not run into each other.
  if (analysis.bars.length < width / 3) lines(context, analysis.bars, 0, duration(), width, full - 10, full);
  if (analysis.beats.length < width / 4) lines(context, analysis.beats, 0, duration(), width, full - 5, full);
}

function detail(context, width, full) {
  const from = Math.min(Math.max(0, now() - WINDOW / 2), Math.max(0, duration() - WINDOW));
  const to = from + Math.min(WINDOW, duration());
  context.font = "11px system-ui, sans-serif";
  bands(context, from, to, width, full);
  context.fillStyle = colours.accent;
  wave(context, from, to, width, full / 2, full / 2 - 16);
  context.fillStyle = colours.quiet;
  lines(context, analysis.beats, from, to, width, full - 9, full);
  context.fillStyle = colours.ink;
  lines(context, analysis.bars, from, to, width, 16, full);
  head(context, ((now() - from) / (to - from)) * width, full);
}

function head(context, x, full) {
  context.fillStyle = colours.ink;
  context.fillRect(Math.round(x) - 1, 0, 2, full);
}

function heat(context, width, full, rows) {
  const tall = full / 12;
  for (const [n, one] of analysis.segments.entries()) {
    const [a, b] = [one.start, one.start + one.duration].map((m) => (m / duration()) * width);
    rows(n).forEach((value, row) => {
      context.globalAlpha = Math.min(1, Math.abs(value));
      context.fillStyle = value < 0 ? colours.warn : colours.accent;
      context.fillRect(a, full - (row + 1) * tall, Math.max(b - a, 0.6), Math.ceil(tall));
    });
  }
  context.globalAlpha = 1;
}

function pitches(context, width, full) {
  // The sum of noise over twelve pitch classes is not nothing: what is below the weakest third is left out.
  heat(context, width, full, (n) => analysis.segments[n].pitches.map((one) => Math.max(0, one - 0.3) / 0.7));
}

function timbre(context, width, full) {
  const many = analysis.segments.length;
  const scales = Array.from({ length: 12 }, (_, at) => {
    const values = analysis.segments.map((one) => one.timbre[at]);
    const mean = values.reduce((a, b) => a + b, 0) / many;
    return [mean, Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / many) || 1];
  });
  heat(context, width, full, (n) => analysis.segments[n].timbre.map((one, at) => (one - scales[at][0]) / scales[at][1] / 2.5));
}

const DRAWN = { overview, pitches, timbre };

function paint(name) {
  const shown = canvas(name);
  const { context, width, height: full } = canvas2d(shown);
  DRAWN[name](context, width, full);
  const copy = document.createElement("canvas");
  [copy.width, copy.height] = [shown.width, shown.height];
  copy.getContext("2d").drawImage(shown, 0, 0);
  stills.set(name, copy);
}

function render() {
  if (!analysis) return;
  const moment = now();
  for (const [name, copy] of stills) {
    const shown = canvas(name);
    const context = shown.getContext("2d");
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, shown.width, shown.height);
    context.drawImage(copy, 0, 0);
    head(context, (moment / duration()) * shown.width, shown.height);
  }
  const { context, width, height: full } = canvas2d(canvas("detail"));
  detail(context, width, full);
  tell(moment);
}

function tell(moment) {
  const section = within(analysis.sections, moment);
  const bar = within(analysis.bars, moment);
  const beat = within(analysis.beats, moment);
  canvas("now").textContent = `${clock(moment)} / ${clock(duration())}`;
  const first = bar < 0 ? -1 : within(analysis.beats, analysis.bars[bar].start + 0.03);
  canvas("bar-beat").textContent = bar < 0 || beat < 0 ? "" : `bar ${bar + 1} · beat ${Math.max(1, beat - first + 1)}`;
  canvas("section-now").textContent = section < 0 ? "" : `section ${section + 1} of ${analysis.sections.length}`;
  const slider = canvas("overview");
  slider.setAttribute("aria-valuenow", Math.round(moment));
  slider.setAttribute("aria-valuetext", `${clock(moment)}, section ${section + 1}, bar ${bar + 1}`);
}

function follow() {
  if (mine() && !sound.paused) {
    still = position() ?? still;
    render();
  }
  requestAnimationFrame(follow);
}

function repaint() {
  for (const name of ["accent", "ink", "quiet", "sunk", "wash", "warn"]) colours[name] = colour(name);
  Object.keys(DRAWN).forEach(paint);
  render();
}

// Going somewhere ---------------------------------------------------------------------------------------------------

function jump(intervals, by) {
  const at = within(intervals, now());
  const next = intervals[Math.min(Math.max(0, at + by), intervals.length - 1)];
  seek(next ? next.start : now() + 5 * by);
}

const KEYS = {
  ArrowLeft: () => seek(now() - 5), ArrowRight: () => seek(now() + 5),
  ArrowUp: () => jump(analysis.bars, 1), ArrowDown: () => jump(analysis.bars, -1),
  PageUp: () => jump(analysis.sections, 1), PageDown: () => jump(analysis.sections, -1),
  Home: () => seek(0), End: () => seek(duration()), " ": toggle,
};

async function start() {
  analysis = await ask(`/track/${timeline.dataset.id}/analysis.json`);
  repaint();
  for (const name of ["overview", "pitches", "timbre"])
    canvas(name).addEventListener("click", (event) => seek((event.offsetX / event.target.clientWidth) * duration()));
  canvas("detail").addEventListener("click", (event) => {
    const from = Math.min(Math.max(0, now() - WINDOW / 2), Math.max(0, duration() - WINDOW));
    seek(from + (event.offsetX / event.target.clientWidth) * Math.min(WINDOW, duration()));
  });
  canvas("overview").addEventListener("keydown", (event) => {
    if (!KEYS[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    KEYS[event.key]();
  });
  for (const button of document.querySelectorAll("[data-seek]"))
    button.addEventListener("click", () => seek(Number(button.dataset.seek)));
  sound.addEventListener("seeked", render);
  addEventListener("resize", repaint);
  document.addEventListener("theme", repaint);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  timeline.dataset.ready = "yes";
  follow();
}

async function neighbours() {
  const list = document.getElementById("near-list");
  const told = await ask(`/track/${document.getElementById("near").dataset.id}/near`).catch((error) => ({ error }));
  if (!told.tracks?.length) {
    list.replaceChildren(element("li", { class: "quiet" }, told.error?.message ?? "Nothing else is in the library."));
    return;
  }
  list.replaceChildren(
    ...told.tracks.map((one) =>
      element(
        "li", {},
        element("button", { type: "button", class: "play", "data-play": one.id, "data-title": one.name, "aria-label": `Play ${one.name}`, disabled: !one.has_audio }),
        element("span", {}, element("a", { class: "title", href: at(`/track/${one.id}`) }, one.name), element("span", { class: "by" }, `${one.artists} · ${one.reasons[0] ?? ""}`)),
      ),
    ),
  );
}

if (timeline) start();
neighbours();
