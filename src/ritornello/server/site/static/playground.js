// Seeds and tunables in, tracks out after each change, with why.

import { ask, at, element, later, say as announce, send } from "./site.js";
import { between, keepApart, tell, words } from "./ranges.js";

const form = document.getElementById("wish");
const seek = document.getElementById("seek");
const offers = document.getElementById("offers");
const chips = document.getElementById("seeds");
const found = document.getElementById("found");
const MOST = 5;

let seeds = [...chips.children].map((one) => ({ ...one.dataset }));
let shown = [];

// Seeds -------------------------------------------------------------------------------------------------------------

function showSeeds() {
  chips.replaceChildren(
    ...seeds.map((one, n) => {
      const off = element("button", { type: "button", "aria-label": `Remove ${one.name}` }, "×");
      off.addEventListener("click", () => {
        seeds.splice(n, 1);
        showSeeds();
        seek.focus();
      });
      return element("li", { class: "chip" }, element("span", { class: "quiet" }, one.kind), one.name, off);
    }),
  );
  soon();
}

function addSeed(one) {
  if (seeds.some((other) => other.kind === one.kind && other.id === one.id)) return;
  if (seeds.length >= MOST) return announce(`There are ${MOST} seeds already: remove one first`);
  seeds.push(one);
  showSeeds();
}

let offered = [];
let marked = -1;

function close() {
  offers.hidden = true;
  seek.setAttribute("aria-expanded", "false");
  seek.removeAttribute("aria-activedescendant");
  marked = -1;
}

function mark(n) {
  marked = (n + offered.length) % offered.length;
  [...offers.children].forEach((one, at) => one.setAttribute("aria-selected", at === marked));
  offers.children[marked].scrollIntoView({ block: "nearest" });
  seek.setAttribute("aria-activedescendant", offers.children[marked].id);
}

function take(one) {
  addSeed(one);
  seek.value = "";
  close();
}

const offer = later(async () => {
  const asked = seek.value.trim();
  if (!asked) return close();
  const told = await ask(`/playground/find?q=${encodeURIComponent(asked)}`);
  if (asked !== seek.value.trim()) return;
  offered = told.found;
  marked = -1;
  offers.replaceChildren(
    ...offered.map((one, n) => {
      const item = element("li", { role: "option", id: `offer-${n}`, "aria-selected": "false" },
        element("span", { class: "quiet kind" }, one.kind), one.name, one.by ? element("span", { class: "quiet" }, ` ${one.by}`) : "");
      item.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(one);
      });
      return item;
    }),
  );
  if (!offered.length) offers.replaceChildren(element("li", { class: "quiet", role: "option", "aria-disabled": "true", "aria-selected": "false" }, "Nothing here is called so"));
  offers.hidden = false;
  seek.setAttribute("aria-expanded", "true");
}, 120);

seek.addEventListener("input", offer);
seek.addEventListener("blur", close);
seek.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    if (offered.length && !offers.hidden) take(offered[Math.max(0, marked)]);
  } else if (event.key === "Escape") close();
  else if (!offers.hidden && offered.length && ["ArrowDown", "ArrowUp"].includes(event.key)) {
    event.preventDefault();
    mark(marked + (event.key === "ArrowDown" ? 1 : marked < 0 ? 0 : -1));
  }
});

// Tunables ----------------------------------------------------------------------------------------------------------

const fieldsets = [...form.querySelectorAll(".filter")];
const parts = (fieldset) => ({
  aims: fieldset.querySelector("[data-aim]"),
  target: fieldset.querySelector("[name^=target_]"),
});

function express(fieldset) {
  const { aims, target } = parts(fieldset);
  target.disabled = !aims.checked;
  target.setAttribute("aria-valuetext", words(fieldset.dataset.filter, Number(target.value)));
  tell(fieldset, aims.checked ? Number(target.value) : null);
}

/** Put all tunables at these parameters and no others. */
function set(parameters) {
  for (const fieldset of fieldsets) {
    const name = fieldset.dataset.filter;
    const [low, high] = fieldset.querySelectorAll(".range input");
    low.value = parameters[`min_${name}`] ?? low.min;
    high.value = parameters[`max_${name}`] ?? high.max;
    const { aims, target } = parts(fieldset);
    aims.checked = `target_${name}` in parameters;
    if (aims.checked) target.value = parameters[`target_${name}`];
    express(fieldset);
  }
  soon();
}

form.addEventListener("input", (event) => {
  const fieldset = event.target.closest(".filter");
  if (fieldset) {
    if (event.target.closest(".range")) keepApart(event.target);
    express(fieldset);
  }
  if (fieldset || event.target.tagName === "SELECT") soon();
});
form.addEventListener("submit", (event) => event.preventDefault());
document.getElementById("reset").addEventListener("click", () => set({}));

// The sentence ------------------------------------------------------------------------------------------------------

async function read() {
  const sentence = document.getElementById("sentence").value.trim();
  if (!sentence) return;
  const told = await ask(`/playground/read?sentence=${encodeURIComponent(sentence)}`);
  if (told.seeds.length) seeds = told.seeds;
  const wishes = Object.entries(told.parameters).map(([name, value]) => {
    const [kind, ...rest] = name.split("_");
    const what = rest.join("_");
    return `${what.replace("_ms", "").replace("_", " ")} ${{ min: "at least", max: "at most", target: "about" }[kind]} ${words(what, value)}`;
  });
  const understood = [...told.seeds.map((one) => `${one.kind} ${one.name}`), ...wishes].join("; ");
  document.getElementById("understood").textContent =
    (understood ? `Understood: ${understood}. ` : "Nothing of it was understood. ") +
    (told.unread.length ? `Not understood: ${told.unread.join(", ")}. ` : "") +
    (seeds.length ? "Change anything below." : "It names no genre or artist: choose a seed below.");
  set(told.parameters);
  showSeeds();
}

document.getElementById("read").addEventListener("click", read);
document.getElementById("sentence").addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    read();
  }
});

// Results -----------------------------------------------------------------------------------------------------------

function asked() {
  const query = new URLSearchParams();
  for (const kind of ["track", "artist", "genre"]) {
    const ids = seeds.filter((one) => one.kind === kind).map((one) => one.id);
    if (ids.length) query.set(`seed_${kind}s`, ids.join(","));
  }
  for (const fieldset of fieldsets) {
    const name = fieldset.dataset.filter;
    const [from, to] = between(fieldset);
    if (from !== null) query.set(`min_${name}`, from);
    if (to !== null) query.set(`max_${name}`, to);
    const { aims, target } = parts(fieldset);
    if (aims.checked) query.set(`target_${name}`, target.value);
  }
  return query;
}

let turn = 0;

async function show() {
  const query = asked();
  history.replaceState({}, "", `${location.pathname}${query.size ? `?${query}` : ""}`);
  const count = document.getElementById("count");
  const after = document.getElementById("after");
  if (!seeds.length) {
    found.replaceChildren();
    after.hidden = true;
    count.textContent = "Choose a seed, or say it in a sentence.";
    return;
  }
  query.set("limit", form.elements.limit.value);
  query.set("leave_out_days", form.elements.leave_out_days.value);
  const mine = ++turn;
  const told = await ask(`/playground/results?${query}`).catch((error) => ({ error }));
  if (mine !== turn) return;
  if (told.error) {
    count.textContent = told.error.message;
    return;
  }
  shown = told.tracks;
  found.replaceChildren(...told.tracks.map(row));
  const known = told.pools.filter((one) => one.known);
  count.textContent = known.length
    ? `${told.tracks.length} tracks${told.tracks.length ? ", the best first" : ": widen a tunable"}`
    : "None of the seeds leads to anything in this library.";
  after.hidden = !told.tracks.length;
  document.getElementById("request").textContent = `GET ${told.request}`;
  document.getElementById("pools").replaceChildren(
    ...told.pools.map((one) => element("li", {}, `${one.kind} ${one.name}: ${one.initial} tracks, ${one.filtered} within the tunables`)),
  );
  document.getElementById("kept").textContent = "";
}

function row(one) {
  return element(
    "li", {},
    element("button", { type: "button", class: "play", "data-play": one.id, "data-title": one.name, "aria-label": `Play ${one.name}`, disabled: !one.has_audio }),
    element(
      "div", {},
      element("a", { class: "title", href: at(`/track/${one.id}`) }, one.name),
      element("span", { class: "by" }, one.artists),
      element("ul", { class: "why", "aria-label": "Why" }, ...one.reasons.map((text) => element("li", {}, text))),
    ),
  );
}

const soon = later(show, 150);

document.getElementById("keep").addEventListener("click", async () => {
  const kept = document.getElementById("kept");
  try {
    const name = document.getElementById("keep-name").value;
    const made = await send("/playlists", { name, track: shown.map((one) => one.id).join(",") });
    kept.replaceChildren("Saved ", element("a", { href: at(`/playlists/${made.id}`) }, made.name), `: ${made.total} tracks`);
  } catch (error) {
    kept.textContent = error.message;
  }
});

fieldsets.forEach(express);
// On a phone they would stand between the seeds and the tracks.
if (matchMedia("(max-width: 52rem)").matches && !form.querySelector(".filter.set")) document.getElementById("tunables").open = false;
showSeeds();
