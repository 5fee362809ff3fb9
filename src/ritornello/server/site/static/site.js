// What the scripts of all pages share: where the server is, how to send a form, what to say aloud.

const page = document.documentElement.dataset;

/** The address of a path of this server. */
export const at = (path) => page.root + path;

/** Fetch JSON; what went wrong is told in the server's words. */
export async function ask(path, options = {}) {
  const answer = await fetch(at(path), { headers: { Accept: "application/json" }, ...options });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error?.message ?? answer.statusText);
  return told;
}

/** Send a form of fields; only pages of this server can. */
export const send = (path, fields) =>
  ask(path, { method: "POST", body: new URLSearchParams({ ...fields, csrf: page.csrf }) });

/** Say something where screen readers hear it and others see it. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

/** A custom property of the style sheet, as the browser computes the colour now. */
export function colour(name) {
  const probe = document.createElement("span");
  probe.className = `paint-${name}`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Minutes and seconds. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Make an element: attributes, then children. Text is text, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}

/** Wait until nothing was asked for a moment, then do it once. */
export function later(work, milliseconds = 150) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), milliseconds);
  };
}

/** Make a canvas as large as it is shown, in the pixels of this screen; returns its context, width and height. */
export function canvas2d(canvas) {
  const { width, height } = canvas.getBoundingClientRect();
  const ratio = devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  return { context, width, height };
}
