// Sliders with two handles over a histogram: what they say, and that they do not pass each other.

import { clock } from "./site.js";

const KEYS = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];

/** A value of a feature as people read it. */
export function words(name, value) {
  if (name === "key") return KEYS[value];
  if (name === "mode") return value ? "major" : "minor";
  if (name === "time_signature") return `${value} beats`;
  if (name === "duration") return clock(value);
  if (name === "duration_ms") return clock(value / 1000);
  if (name === "tempo") return `${value} BPM`;
  if (name === "loudness") return `${value} LUFS`;
  return String(value);
}

/** What the handles of a fieldset let through; null at an end where nothing is filtered. */
export function between(fieldset) {
  const [low, high] = fieldset.querySelectorAll(".range input");
  return [
    Number(low.value) <= Number(low.min) ? null : Number(low.value),
    Number(high.value) >= Number(high.max) ? null : Number(high.value),
  ];
}

/** Say what a fieldset lets through, to eyes and ears. */
export function tell(fieldset, aim = null) {
  const name = fieldset.dataset.filter;
  const [low, high] = fieldset.querySelectorAll(".range input");
  const [from, to] = between(fieldset);
  low.setAttribute("aria-valuetext", from === null ? "any" : words(name, from));
  high.setAttribute("aria-valuetext", to === null ? "any" : words(name, to));
  let told = `${words(name, from)} – ${words(name, to)}`;
  if (from === null && to === null) told = aim === null ? "any" : "";
  else if (from === to) told = words(name, from);
  else if (to === null) told = `from ${words(name, from)}`;
  else if (from === null) told = `to ${words(name, to)}`;
  if (aim !== null) told += `${told ? ", " : ""}about ${words(name, aim)}`;
  fieldset.querySelector("output").textContent = told;
  fieldset.classList.toggle("set", from !== null || to !== null || aim !== null);
  // Where both handles lie on one another at the right end, the left one must be on top.
  low.classList.toggle("above", Number(low.value) > (Number(low.min) + Number(low.max)) / 2);
}

/** Keep the handle that was moved from passing the other. */
export function keepApart(moved) {
  const [low, high] = moved.closest(".range").querySelectorAll("input");
  if (Number(low.value) <= Number(high.value)) return;
  if (moved === low) low.value = high.value;
  else high.value = low.value;
}
