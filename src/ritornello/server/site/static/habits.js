// Files are sent as they are, one after another, and what became of their rows is told.

import { ask } from "./site.js";

const form = document.getElementById("bring");
const input = document.getElementById("file");
const drop = document.getElementById("drop");
const button = document.getElementById("bring-button");
const status = document.getElementById("bringing");
const account = document.getElementById("account");
const csrf = document.documentElement.dataset.csrf;
const number = (n) => n.toLocaleString("en");

for (const kind of ["dragover", "dragleave", "drop"])
  document.addEventListener(kind, (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    drop.classList.toggle("over", kind === "dragover");
    if (kind !== "drop") return;
    document.getElementById("bring-panel").open = true;
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });

function line(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function told(file, found) {
  const made = document.createElement("section");
  made.append(line("h3", file.name));
  const rows = document.createElement("ul");
  rows.append(line("li", `${number(found.kept)} plays kept, of ${number(found.rows)} rows`));
  if (found.duplicates) rows.append(line("li", `${number(found.duplicates)} were here already, or told twice`));
  for (const [reason, n] of Object.entries(found.refused)) rows.append(line("li", `${number(n)} left out: ${reason}`));
  made.append(rows);
  return made;
}

function refused(file, message) {
  const made = document.createElement("section");
  made.className = "warning";
  made.append(line("h3", file.name), line("p", message));
  return made;
}

async function bring(event) {
  event.preventDefault();
  const [listener, zone] = [form.elements.listener.value, form.elements.zone.value];
  button.disabled = true;
  const parts = [];
  let last = null;
  for (const file of input.files) {
    status.textContent = `Reading ${file.name}. A long history takes half a minute.`;
    try {
      const asked = new URLSearchParams({ file: file.name, listener, zone });
      last = await ask(`/habits/import?${asked}`, { method: "POST", body: file, headers: { "X-Csrf": csrf } });
      parts.push(told(file, last));
    } catch (error) {
      parts.push(refused(file, error.message));
    }
  }
  status.textContent = "";
  button.disabled = false;
  if (last) {
    const matched = `${number(last.matched)} plays of ${last.listener} are of music in this library. Time zone: ${last.zone ?? "not known, so UTC"}.`;
    const link = line("a", "Look at them");
    link.className = "button main";
    link.href = `habits?${new URLSearchParams({ listener: last.listener })}`;
    parts.push(line("p", matched), link);
  }
  account.replaceChildren(...parts);
  account.hidden = false;
  account.focus();
}

form.addEventListener("submit", bring);
document.getElementById("to-bring")?.addEventListener("click", () => {
  document.getElementById("bring-panel").open = true;
});
