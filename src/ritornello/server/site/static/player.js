// One player on each page. Buttons with data-play start a track; what the file's format keeps the browser from playing
// is heard as its preview instead, and the player says so.

import { at, clock, say } from "./site.js";

const audio = document.getElementById("audio");
const bar = document.getElementById("player");
const toggle = document.getElementById("player-toggle");
const seek = document.getElementById("player-seek");
const time = document.getElementById("player-time");
const title = document.getElementById("player-title");
const note = document.getElementById("player-note");

let current = null;
let wanted = null;

/** Where tracks start that nobody has begun to play. */
export const starts = new Map();

/** The id of the track in the player. */
export const playing = () => current;

/** Where the sound is in its track, in seconds; null where a preview plays, whose place is not that of the track. */
export const position = () => (current && !isPreview() ? (wanted ?? audio.currentTime) : null);

export const sound = audio;

/** Start a track, at a moment if one is given. */
export function play(id, name, from = null) {
  if (id !== current) {
    current = id;
    title.textContent = name;
    title.href = at(`/track/${id}`);
    note.textContent = "";
    bar.hidden = false;
    document.body.classList.add("with-player");
    audio.src = at(`/audio/${id}`);
    from ??= starts.get(id) ?? null;
  }
  if (from !== null) go(from);
  audio.play().catch(() => {});
  show();
}

/** Go to a moment, or be ready to once the file is there. */
export function go(seconds) {
  if (audio.readyState > 0) {
    audio.currentTime = seconds;
    wanted = null;
  } else wanted = seconds;
  tell();
}

const isPreview = () => audio.src.includes("/mp3-preview/");

function show() {
  const on = !audio.paused;
  toggle.setAttribute("aria-label", on ? "Pause" : "Play");
  toggle.classList.toggle("on", on);
  for (const button of document.querySelectorAll("[data-play]")) {
    const mine = button.dataset.play === current && on;
    button.classList.toggle("on", mine);
    if (button.dataset.title) button.setAttribute("aria-label", `${mine ? "Pause" : "Play"} ${button.dataset.title}`);
  }
}

function tell() {
  const now = wanted ?? audio.currentTime;
  seek.value = now;
  seek.setAttribute("aria-valuetext", clock(now));
  time.textContent = `${clock(now)} / ${clock(audio.duration || 0)}`;
}

audio.addEventListener("loadedmetadata", () => {
  seek.max = audio.duration;
  if (wanted !== null) {
    audio.currentTime = wanted;
    wanted = null;
  }
  tell();
});
audio.addEventListener("error", () => {
  if (!current) return;
  if (isPreview()) {
    say(`${title.textContent} cannot be played: its file is away, or is of a kind that this browser does not know`);
    show();
    return;
  }
  note.textContent = "preview";
  wanted = null;
  audio.src = at(`/mp3-preview/${current}`);
  audio.play().catch(() => {});
});
for (const kind of ["play", "pause", "ended"]) audio.addEventListener(kind, show);
audio.addEventListener("timeupdate", tell);
seek.addEventListener("input", () => go(Number(seek.value)));
toggle.addEventListener("click", () => (audio.paused ? audio.play() : audio.pause()));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-play]");
  if (!button) return;
  if (button.dataset.play === current && !audio.paused) audio.pause();
  else play(button.dataset.play, button.dataset.title ?? "");
});
