// Clients are added and revoked without leaving the page; requests of programs appear as they come.

import { ask, element, say, send } from "./site.js";

const table = document.querySelector("#clients tbody");
const add = document.getElementById("add");
const made = document.getElementById("made");
const log = document.querySelector("#requests tbody");

for (const button of document.querySelectorAll("[data-copy]"))
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    say("Copied");
  });

function client(one) {
  const revoke = element("button", { type: "button", class: "plain", "data-revoke": one.id, "data-name": one.name }, "Revoke", element("span", { class: "sr" }, ` ${one.name}`));
  const uris = one.redirect_uris.flatMap((uri) => [element("br"), element("span", { class: "small quiet" }, uri)]);
  return element(
    "tr", { "data-client": one.id },
    element("td", {}, one.name, ...uris), element("td", { class: "mono" }, `${one.id.slice(0, 8)}…`), element("td", { class: "n" }, revoke),
  );
}

add?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const refused = document.getElementById("refused");
  refused.hidden = true;
  try {
    const one = await send("/developer/clients", { name: add.elements.name.value, redirect_uri: add.elements.redirect_uri.value });
    table.append(client(one));
    made.hidden = false;
    made.replaceChildren(
      element("p", {}, element("strong", {}, one.name), " has this secret. It is shown once and cannot be read again."),
      element("dl", { class: "facts" }, element("dt", {}, "Client id"), element("dd", { class: "mono", id: "made-id" }, one.id), element("dt", {}, "Secret"), element("dd", { class: "mono", id: "made-secret" }, one.secret)),
    );
    add.reset();
    for (const pre of document.querySelectorAll(".snippet pre"))
      pre.textContent = pre.textContent.replaceAll("CLIENT ID", one.id);
  } catch (error) {
    refused.textContent = error.message;
    refused.hidden = false;
  }
});

table?.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-revoke]");
  if (!button) return;
  // Asked a second time, because the programs that use it stop at once.
  if (!button.dataset.sure) {
    button.dataset.sure = "yes";
    button.classList.replace("plain", "danger");
    button.textContent = `Really revoke ${button.dataset.name}?`;
    return;
  }
  await send(`/developer/clients/${button.dataset.revoke}/revoke`, {});
  button.closest("tr").remove();
  say(`${button.dataset.name} was revoked`);
});

// Requests ----------------------------------------------------------------------------------------------------------

const KEPT = 300;
let last = 0;

function row(one) {
  const asked = one.parameters.length ? `?${one.parameters.join("&")}` : "";
  return element(
    "tr", {},
    element("td", { class: "number" }, new Date(one.at).toLocaleTimeString()), element("td", {}, one.client || "–"),
    element("td", { class: "mono" }, `${one.method} ${one.route}${asked}`),
    element("td", { class: one.status >= 400 ? "n bad" : "n" }, String(one.status)), element("td", { class: "n" }, String(one.milliseconds)),
  );
}

async function watch() {
  if (document.getElementById("follow").checked && !document.hidden) {
    const { requests } = await ask(`/developer/requests?after=${last}`);
    if (requests.length) {
      if (!last) log.replaceChildren();
      last = requests.at(-1).number;
      log.prepend(...requests.map(row).reverse());
      while (log.children.length > KEPT) log.lastChild.remove();
    }
  }
  setTimeout(watch, 1000);
}
if (log) watch();
