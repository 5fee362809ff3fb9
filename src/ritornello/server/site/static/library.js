// The list follows the search words and the sliders without leaving the page, so that what plays plays on.

import { ask, later } from "./site.js";
import { keepApart, tell } from "./ranges.js";

const form = document.getElementById("wanted");

document.getElementById("apply").hidden = true;
// On a phone the filters would stand before the tracks.
document.getElementById("filters").open = matchMedia("(min-width: 52rem)").matches;

/** How many features are filtered on, for where the filters are folded away. */
function countSet() {
  const set = form.querySelectorAll(".filter.set").length;
  document.getElementById("set-count").textContent = set ? `${set} set` : "";
}

/** The address of what the form asks for, without what asks for nothing. */
function address() {
  const fields = new FormData(form);
  const asked = new URLSearchParams();
  for (const [name, value] of fields) {
    const input = form.elements[name];
    const idle = input.type === "range" && Number(value) === Number(name.startsWith("min_") ? input.min : input.max);
    if (value && !idle) asked.set(name, value);
  }
  return `${location.pathname}${asked.size ? `?${asked}` : ""}`;
}

let turn = 0;

async function show(url, { push = false, focus = false } = {}) {
  const mine = ++turn;
  const answer = await fetch(url, { headers: { Accept: "text/html" } });
  const text = await answer.text();
  if (mine !== turn || !answer.ok) return;
  const other = new DOMParser().parseFromString(text, "text/html");
  document.getElementById("results").replaceWith(other.getElementById("results"));
  for (const svg of form.querySelectorAll(".filter svg")) {
    const name = svg.closest(".filter").dataset.filter;
    const fresh = other.querySelector(`[data-filter="${name}"] svg`);
    if (fresh) svg.replaceWith(fresh);
  }
  history[push ? "pushState" : "replaceState"]({}, "", url);
  form.elements.sort.value = other.querySelector("[name=sort]").value;
  form.elements.order.checked = other.querySelector("[name=order]").checked;
  if (focus) {
    document.getElementById("count").focus({ preventScroll: true });
    scrollTo(0, 0);
  }
}

const soon = later(() => show(address()));

form.addEventListener("input", (event) => {
  const fieldset = event.target.closest(".filter");
  if (fieldset) {
    keepApart(event.target);
    tell(fieldset);
    countSet();
  }
  soon();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show(address(), { push: true });
});
form.addEventListener("click", (event) => {
  const link = event.target.closest("#results th a, #results .paging a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show(link.href, { push: true, focus: true });
});
addEventListener("popstate", () => location.reload());
form.querySelectorAll(".filter").forEach((one) => tell(one));
countSet();

// How far a scan is, as long as one runs.

const panel = document.getElementById("scan");
let ran = false;

async function watch() {
  const scan = await ask("/library/scan");
  panel.hidden = !scan.running;
  if (scan.running) {
    ran = true;
    document.getElementById("scan-what").textContent = scan.files
      ? `Scanning: ${scan.done} of ${scan.files} files`
      : "Looking for files";
    document.getElementById("scan-rate").textContent = scan.rate ? `${scan.rate.toFixed(0)} × faster than listening` : "";
    document.getElementById("scan-file").textContent = scan.current ?? "";
    const bar = document.getElementById("scan-bar");
    if (scan.share === null) bar.removeAttribute("value");
    else bar.value = scan.share;
    if (scan.analysed !== watch.analysed && location.search === "") show(address());
    watch.analysed = scan.analysed;
  } else if (ran) {
    ran = false;
    show(address());
  }
  setTimeout(watch, scan.running ? 1000 : 5000);
}
watch();
