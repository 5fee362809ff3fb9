// Before the first paint, so that nothing flashes: the choice of light or dark that was made on this machine.
"use strict";
(() => {
  const kept = localStorage.getItem("theme");
  if (kept) document.documentElement.dataset.theme = kept;
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    button.hidden = false;
    button.addEventListener("click", () => {
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      const shown = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
      const next = shown === "dark" ? "light" : "dark";
      document.documentElement.dataset.theme = next;
      localStorage.setItem("theme", next);
      document.dispatchEvent(new Event("theme"));
    });
  });
})();
