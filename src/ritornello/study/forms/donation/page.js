// The donation page. Read docs/study/donation.md beside it; nothing here connects to anything.

const told = JSON.parse(document.getElementById("told").textContent);
const say = told.say;
const $ = (id) => document.getElementById(id);

// Words ---------------------------------------------------------------------------------------------------------------

const number = (n) => n.toLocaleString(say.locale);
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const words = (key, values) => fill(say[key], values);
const count = (key, n) => (n === 1 ? say[key + "_one"] : fill(say[key], { n: number(n) }));
const dayOf = new Intl.DateTimeFormat(say.locale, { dateStyle: "long" });
const momentOf = new Intl.DateTimeFormat(say.locale, { dateStyle: "medium", timeStyle: "short" });
const monthOf = new Intl.DateTimeFormat(say.locale, { month: "long", year: "numeric" });
const plainDay = (text) => dayOf.format(new Date(text + "T12:00"));

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// What was read -------------------------------------------------------------------------------------------------------

const plays = []; // {source, row, start, song, artist, find, out}
let left = new Map(); // reason -> rows
let dropped = new Map(); // key of a row -> rows that had something there
const closed = new Set(); // names of files that were not opened
const chosen = new Set();
let rowsRead = 0;

const breath = () => new Promise((ready) => setTimeout(ready)); // so that the window answers in between

class Trouble extends Error {}

// A zip: its end tells where the directory is, the directory where each file is (PKWARE's APPNOTE, 4.3). ---------------

const LIKELY = 32 << 20;
const SHRINKING = 250;
const MOST = 2 ** 32;

async function zipped(file) {
  const tail = new DataView(await file.slice(Math.max(0, file.size - 65557)).arrayBuffer());
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end -= 1;
  if (end < 0) throw new Trouble(words("trouble_zip", { name: file.name }));
  const [size, start] = [tail.getUint32(end + 12, true), tail.getUint32(end + 16, true)];
  if (start + size > file.size) throw new Trouble(words("trouble_zip", { name: file.name }));
  const directory = new DataView(await file.slice(start, start + size).arrayBuffer());
  const found = [];
  let total = 0;
  for (let at = 0; at + 46 <= size && directory.getUint32(at, true) === 0x02014b50; ) {
    const of = (place) => directory.getUint16(at + place, true);
    const long = (place) => directory.getUint32(at + place, true);
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + 46, of(28)));
    const one = { name, locked: of(8) & 1, method: of(10), packed: long(20), size: long(24), at: long(42) };
    total += one.size;
    if (total > MOST || (one.size > LIKELY && one.size > SHRINKING * Math.max(1, one.packed)))
      throw new Trouble(words("trouble_bomb", { name: file.name }));
    if (!name.endsWith("/")) found.push(one);
    at += 46 + of(28) + of(30) + of(32);
  }
  return found;
}

async function unpacked(file, one) {
  if (one.locked) throw new Trouble(words("trouble_locked", { name: file.name }));
  const header = new DataView(await file.slice(one.at, one.at + 30).arrayBuffer());
  if (header.byteLength < 30 || header.getUint32(0, true) !== 0x04034b50 || ![0, 8].includes(one.method))
    throw new Trouble(words("trouble_zip", { name: file.name }));
  const start = one.at + 30 + header.getUint16(26, true) + header.getUint16(28, true);
  const stream = file.slice(start, start + one.packed).stream();
  return one.method === 8 ? stream.pipeThrough(new DecompressionStream("deflate-raw")) : stream;
}

const pattern = new RegExp("^(?:" + told.files + ")$", "i");
const base = (name) => name.replace(/\\/g, "/").split("/").pop();
const ofPlays = (name) => pattern.test(base(name)) && !name.includes("__MACOSX");

// A list of objects, some at a time, so that neither memory nor patience depends on the length of the file. -------------

async function* batches(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
  let text = "";
  let [at, from, end, depth] = [0, -1, 0, 0];
  let quoted = false;
  let begun = false;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
    if (!begun && text.trim()) {
      begun = true;
      if (!text.trimStart().startsWith("[")) throw new SyntaxError("not a list");
    }
    for (; at < text.length; at += 1) {
      const one = text.charCodeAt(at);
      if (quoted) {
        if (one === 92) at += 1;
        else if (one === 34) quoted = false;
      } else if (one === 34) quoted = true;
      else if (one === 123) {
        if (depth === 0 && from < 0) from = at;
        depth += 1;
      } else if (one === 125) {
        depth -= 1;
        if (depth === 0) end = at + 1;
      }
    }
    if (end > 0) {
      yield JSON.parse("[" + text.slice(from, end) + "]");
      from = depth > 0 ? text.indexOf("{", end) - end : -1;
      text = text.slice(end);
      at -= end;
      end = 0;
    } else if (text.length > LIKELY) throw new SyntaxError("not a list of plays");
  }
  if (depth !== 0 || quoted || !text.trim().endsWith("]")) throw new SyntaxError("cut short");
}

// A row, by the rules of the study's own reader, which reads what is given once more. ----------------------------------

const EARLIEST = Date.UTC(2002, 0, 1);
const FOUNDED = Date.UTC(2006, 0, 1);
const DAY = 24 * 3600 * 1000;
const UNKNOWN = new Set(["unknown artist", "unknown track", "unknown album"]);
const known = new Map(); // texts that were met, so that each is kept once

const text = (given) => {
  const found = typeof given === "string" ? given.trim() : "";
  return found && !UNKNOWN.has(found.toLowerCase()) ? found : null;
};
const plausible = (moment) => (EARLIEST <= moment && moment <= Date.now() + DAY ? moment : null);
const moment = (given) => {
  if (typeof given !== "string") return null;
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(given) ? given : given + "Z";
  return plausible(Date.parse(zoned.replace(" ", "T")));
};
const length = (given) => (typeof given === "number" && given >= 0 && given < 2 ** 31 ? Math.round(given) : null);

function began(given, ended, ms) {
  if (typeof given !== "number" || !(given > 0 && given < 1e14)) return ended - ms;
  const start = Math.round(given > 1e11 ? given : given * 1000);
  return FOUNDED <= start && start <= ended + 120000 ? Math.min(start, ended) : ended - ms;
}

function extended(row) {
  if (row.incognito_mode === true || row.incognito_mode === 1) return "private session";
  const song = text(row.master_metadata_track_name);
  const artist = text(row.master_metadata_album_artist_name);
  if (!song || !artist) {
    if (row.spotify_episode_uri || row.episode_name || row.episode_show_name) return "podcast";
    if (row.audiobook_uri || row.audiobook_title || row.audiobook_chapter_uri) return "audiobook";
    return "no title";
  }
  const ended = moment(row.ts);
  if (ended === null) return "bad time";
  const ms = length(row.ms_played);
  return ms === null ? "bad length" : { song, artist, start: began(row.offline_timestamp, ended, ms) };
}

function account(row) {
  if ("podcastName" in row || "episodeName" in row) return "podcast";
  if ("audiobookName" in row || "chapterName" in row) return "audiobook";
  const [song, artist] = [text(row.trackName), text(row.artistName)];
  if (!song || !artist) return "no title";
  const ended = moment(row.endTime);
  if (ended === null) return "bad time";
  const ms = length(row.msPlayed);
  return ms === null ? "bad length" : { song, artist, start: ended - ms };
}

const bare = (name) => name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const once = (value) => {
  if (typeof value !== "string") return typeof value === "object" ? null : value;
  const cut = value.slice(0, 1000);
  if (!known.has(cut)) known.set(cut, cut);
  return known.get(cut);
};

function take(row) {
  rowsRead += 1;
  const source = "ts" in row || "ms_played" in row ? "spotify_extended" : "spotify_account";
  let found = source === "spotify_extended" ? extended(row) : account(row);
  for (const [key, value] of Object.entries(row))
    if (!told.kept[source].includes(key) && key in say.fields && value) dropped.set(key, (dropped.get(key) ?? 0) + 1);
  if (typeof found !== "string" && !(told.since <= found.start && found.start < told.before))
    found = "outside of the period";
  if (typeof found === "string") {
    left.set(found, (left.get(found) ?? 0) + 1);
    return;
  }
  const kept = {};
  for (const key of told.kept[source]) if (key in row) kept[key] = key === "ts" ? row[key] : once(row[key]);
  const find = once(bare(found.artist + " " + found.song));
  plays.push({ source, row: kept, start: found.start, song: once(found.song), artist: once(found.artist), find, out: false });
}

async function readRows(name, stream) {
  const some = batches(stream);
  let shown = 0;
  for (;;) {
    // What cannot be unpacked or is no UTF-8 is a TypeError, what is no JSON a SyntaxError.
    const { done, value } = await some.next().catch(() => {
      throw new Trouble(words("trouble_json", { name }));
    });
    if (done) return;
    value.forEach(take);
    if (performance.now() - shown > 100) {
      $("progress").textContent = words("reading", { name, plays: count("plays", plays.length) });
      await breath();
      shown = performance.now();
    }
  }
}

async function readFile(file) {
  const start = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (start[0] === 0x50 && start[1] === 0x4b) {
    const inside = await zipped(file);
    const wanted = inside.filter((one) => ofPlays(one.name));
    inside.filter((one) => !ofPlays(one.name)).forEach((one) => closed.add(base(one.name)));
    if (!wanted.length) throw new Trouble(words("trouble_no_plays", { name: file.name }));
    for (const one of wanted) await readRows(base(one.name), await unpacked(file, one));
  } else if (ofPlays(file.name)) await readRows(file.name, file.stream());
  else {
    closed.add(file.name);
    throw new Trouble(words("trouble_not_history", { name: file.name }));
  }
}

async function choose(files) {
  const troubles = [];
  stale();
  for (const file of files) {
    const name = [file.name, file.size, file.lastModified].join("\n");
    if (chosen.has(name)) continue;
    const before = [plays.length, rowsRead, new Map(left), new Map(dropped)];
    try {
      await readFile(file);
      chosen.add(name);
    } catch (error) {
      [plays.length, rowsRead, left, dropped] = before;
      const known = error instanceof Trouble;
      troubles.push(known ? error.message : words("trouble_other", { name: file.name, error: error.message }));
    }
  }
  $("trouble").replaceChildren(...troubles.map((one) => element("li", {}, one)));
  $("trouble").hidden = !troubles.length;
  plays.sort((one, other) => other.start - one.start);
  $("progress").textContent = rowsRead
    ? words("read", { rows: count("rows", rowsRead), plays: count("plays", plays.length) })
    : "";
  $("again").hidden = $("rest").hidden = !rowsRead;
  if (rowsRead) show();
}

// What would be given --------------------------------------------------------------------------------------------------

const given = () => plays.filter((one) => !one.out);

function tally(list, key) {
  const found = new Map();
  for (const one of list) found.set(key(one), (found.get(key(one)) ?? 0) + 1);
  return found;
}

function show() {
  const now = given();
  showSummary(now);
  showChart(now);
  showTop(now);
  showKept();
  page = 0;
  showPlays();
}

function showSummary(now) {
  const [first, last] = [plainDay(told.first), plainDay(told.last)];
  $("period").textContent = words("period", { first, last });
  $("summary").textContent = !now.length
    ? words("look_none", { first, last })
    : words("look", {
        plays: count("plays", now.length),
        songs: count("songs", tally(now, (one) => one.find).size),
        artists: count("artists", tally(now, (one) => one.artist).size),
        first: dayOf.format(now[now.length - 1].start),
        last: dayOf.format(now[0].start),
      });
}

function spans(now) {
  if (!now.length) return { daily: true, bars: [] };
  const daily = now[0].start - now[now.length - 1].start < 62 * DAY;
  const name = (date) => date.getFullYear() * 10000 + date.getMonth() * 100 + (daily ? date.getDate() : 1);
  const counts = tally(now, (one) => name(new Date(one.start)));
  const bars = [];
  const date = new Date(now[now.length - 1].start);
  date.setHours(12, 0, 0, 0);
  if (!daily) date.setDate(1);
  const last = name(new Date(now[0].start));
  while (name(date) <= last) {
    bars.push({ when: new Date(date), plays: counts.get(name(date)) ?? 0 });
    if (daily) date.setDate(date.getDate() + 1);
    else date.setMonth(date.getMonth() + 1);
  }
  return { daily, bars };
}

function drawn(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function showChart(now) {
  const { daily, bars } = spans(now);
  const called = (when) => (daily ? dayOf : monthOf).format(when);
  $("chart").replaceChildren();
  $("months").replaceChildren(
    ...bars.map((bar) => element("tr", {}, element("td", {}, called(bar.when)), cell("n", number(bar.plays)))),
  );
  $("chart-says").textContent = "";
  if (!bars.length) return;
  const [wide, high] = [720, 120];
  const step = wide / bars.length;
  const top = bars.reduce((one, other) => (other.plays > one.plays ? other : one));
  const title = say[daily ? "chart_days" : "chart_months"];
  const svg = drawn("svg", { viewBox: `0 0 ${wide} ${high + 1}`, role: "img", "aria-label": title });
  bars.forEach((bar, i) => {
    const height = (bar.plays / top.plays) * high;
    svg.append(
      drawn(
        "rect",
        { x: (i * step + step * 0.08).toFixed(2), y: (high - height).toFixed(2), width: (step * 0.84).toFixed(2), height: height.toFixed(2) },
        drawn("title", {}, `${called(bar.when)}: ${count("plays", bar.plays)}`),
      ),
    );
  });
  svg.append(drawn("line", { x1: 0, x2: wide, y1: high + 0.5, y2: high + 0.5 }));
  const ends = element("p", { class: "row apart ends quiet" }, element("span", {}, called(bars[0].when)));
  if (bars.length > 1) ends.append(element("span", {}, called(bars[bars.length - 1].when)));
  $("chart").append(svg, ends);
  $("chart-says").textContent =
    title + ". " + words("chart_most", { plays: count("plays", top.plays), when: called(top.when) });
}

const cell = (kind, ...children) => element("td", { class: kind, role: "cell" }, ...children);

function showTop(now) {
  const best = [...tally(now, (one) => one.artist)].sort((one, other) => other[1] - one[1]).slice(0, 8);
  $("top").replaceChildren(
    ...best.map(([artist, n]) =>
      element("tr", {}, cell("", artist), cell("n", number(n)), cell("do", outOfArtist(artist, say.out_one))),
    ),
  );
}

function showKept() {
  const parts = [];
  const list = (title, rows) => {
    if (!rows.length) return;
    parts.push(element("p", {}, title), element("ul", {}, ...rows.map((row) => element("li", {}, row))));
  };
  const fields = new Map();
  for (const [key, n] of dropped) fields.set(say.fields[key], (fields.get(say.fields[key]) ?? 0) + n);
  list(say.kept_fields, [...fields].map(([what, n]) => words("field", { what, rows: count("rows", n) })));
  list(say.kept_rows, [...leftOut()].map(([reason, n]) => `${number(n)} ${say.reasons[reason]}`));
  list(say.kept_files, closed.size ? [[...closed].sort().slice(0, 30).join(", ")] : []);
  $("kept").replaceChildren(...(parts.length ? parts : [element("p", {}, say.kept_nothing)]));
}

function leftOut() {
  const found = new Map(left);
  const out = plays.length - given().length;
  if (out) found.set(told.taken_out, out);
  return found;
}

// Taking out -----------------------------------------------------------------------------------------------------------

const PAGE = 20;
const steps = []; // what was taken out, a list a step
let page = 0;

function matching() {
  const wanted = bare($("search").value).split(/\s+/).filter(Boolean);
  const day = (id, more) => ($(id).value ? new Date($(id).value + "T00:00").getTime() + more * DAY : null);
  const [from, until] = [day("from", 0), day("until", 1)];
  return plays.filter(
    (one) =>
      !one.out &&
      (from === null || one.start >= from) &&
      (until === null || one.start < until) &&
      wanted.every((word) => one.find.includes(word)),
  );
}

const searching = () => Boolean($("search").value.trim() || $("from").value || $("until").value);

function showPlays() {
  const found = matching();
  const shown = found.slice(page * PAGE, (page + 1) * PAGE);
  const all = count("plays", found.length);
  $("found").textContent = words(searching() ? "found" : "found_all", { plays: all });
  $("out-these").hidden = !searching() || !found.length;
  $("out-these").textContent = words("out_these", { plays: all });
  $("plays").replaceChildren(...shown.map(lineOf));
  $("previous").disabled = page === 0;
  $("next").disabled = (page + 1) * PAGE >= found.length;
  $("page").textContent = shown.length
    ? words("page", { first: number(page * PAGE + 1), last: number(page * PAGE + shown.length), n: number(found.length) })
    : "";
}

function lineOf(one) {
  const when = momentOf.format(one.start);
  const button = element("button", { type: "button" }, say.out_one);
  button.setAttribute("aria-label", words("out_one_label", { song: one.song, artist: one.artist, when }));
  button.addEventListener("click", () => takeOut([one]));
  return element(
    "tr",
    { role: "row" },
    cell("when", when),
    cell("song", one.song),
    cell("artist", one.artist),
    cell("do", button, " ", outOfArtist(one.artist, say.out_artist)),
  );
}

function outOfArtist(artist, called) {
  const button = element("button", { type: "button" }, called);
  button.setAttribute("aria-label", words("out_artist_label", { artist }));
  button.addEventListener("click", () => takeOut(plays.filter((one) => !one.out && one.artist === artist)));
  return button;
}

function takeOut(these) {
  const at = page;
  these.forEach((one) => (one.out = true));
  steps.push(these);
  changed(words("out_done", { plays: count("plays", these.length) }), () => {
    page = Math.min(at, Math.max(0, Math.ceil(matching().length / PAGE) - 1));
  });
}

function putBack(these) {
  these.forEach((one) => (one.out = false));
  changed(words("undo_done", { plays: count("plays", these.length) }), () => (page = 0));
}

// The button that was pressed may be gone: then the one in its place gets the focus, or the search.
function changed(message, turn) {
  const pressed = document.activeElement;
  const list = pressed.closest("tbody");
  const place = list && [...list.querySelectorAll("button")].indexOf(pressed);
  stale();
  show();
  turn();
  showPlays();
  $("undoing").hidden = false;
  $("undo").disabled = $("all-back").disabled = !steps.length;
  $("undone").textContent = message;
  if (pressed.isConnected && !pressed.disabled && !pressed.hidden) return;
  const left = list ? [...list.querySelectorAll("button")] : [];
  (left[Math.min(place, left.length - 1)] ?? $("search")).focus({ preventScroll: true });
}

// Agreeing and sealing -------------------------------------------------------------------------------------------------

const agreed = () => [...document.querySelectorAll("input[name=scope]:checked")].map((one) => one.value);
const code = () => $("code").value.trim().toUpperCase();
let addresses = [];

function stale() {
  if ($("sealed").hidden) return;
  $("sealed").hidden = true;
  $("sealing").textContent = say.changed;
  addresses.forEach((one) => URL.revokeObjectURL(one));
  addresses = [];
}

function missing() {
  return [
    !given().length && say.need_file,
    !agreed().includes("participate") && say.need_yes,
    !new RegExp("^" + told.code + "$").test(code()) && say.need_code,
  ].filter(Boolean);
}

function statement() {
  return {
    format: told.format,
    study: told.study,
    form: told.form,
    code: code(),
    scopes: agreed(),
    agreed_at: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    left_out: Object.fromEntries(leftOut()),
  };
}

function* contents(made) {
  yield '{"statement":' + JSON.stringify(made);
  for (const source of Object.keys(told.kept)) {
    const rows = given().filter((one) => one.source === source);
    yield `,"${source}":[`;
    for (let at = 0; at < rows.length; at += 1000)
      yield (at ? "," : "") + rows.slice(at, at + 1000).map((one) => JSON.stringify(one.row)).join(",");
    yield "]";
  }
  yield "}";
}

function streamed(pieces) {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(out) {
      await breath();
      const { done, value } = pieces.next();
      if (done) out.close();
      else out.enqueue(encoder.encode(value));
    },
  });
}

const bytes = (value) => new TextEncoder().encode(value);
const joined = (...parts) => {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
};
const word = (n) => new Uint8Array([n >>> 24, n >>> 16, n >>> 8, n]);
const prefixed = (part) => joined(word(part.length), part);

function base64url(data) {
  const parts = [];
  for (let at = 0; at < data.length; at += 0x6000)
    parts.push(btoa(String.fromCharCode(...data.subarray(at, at + 0x6000))));
  return parts.join("").replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// JWE (RFC 7516), ECDH-ES straight to the key of the content (RFC 7518, 4.6) with A256GCM.
async function seal(content) {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("jwk", told.key, curve, false, []);
  const own = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256));
  const nobody = prefixed(bytes(""));
  const info = joined(prefixed(bytes("A256GCM")), nobody, nobody, word(256));
  const hash = await crypto.subtle.digest("SHA-256", joined(word(1), shared, info));
  const key = await crypto.subtle.importKey("raw", hash, "AES-GCM", false, ["encrypt"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", own.publicKey);
  const header = { alg: "ECDH-ES", enc: "A256GCM", kid: told.kid, cty: "application/gzip", epk: { kty, crv, x, y } };
  const start = base64url(bytes(JSON.stringify(header)));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const locked = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes(start) }, key, content);
  const [body, tag] = [new Uint8Array(locked, 0, locked.byteLength - 16), new Uint8Array(locked, locked.byteLength - 16)];
  return [start, "", base64url(iv), base64url(body), base64url(tag)].join(".");
}

function sizeOf(n) {
  return n < 1e6 ? `${number(Math.ceil(n / 1000))} kB` : `${number(Math.round(n / 1e5) / 10)} MB`;
}

function offer(link, blob, name) {
  addresses.push(URL.createObjectURL(blob));
  $(link).href = addresses[addresses.length - 1];
  $(link).download = name;
}

async function trySealing() {
  try {
    await finish();
  } catch (error) {
    $("sealing").textContent = words("trouble_seal", { error: error.message });
  } finally {
    $("seal").disabled = false;
  }
}

async function finish() {
  const lacking = missing();
  $("not-yet").hidden = !lacking.length;
  $("not-yet").replaceChildren(
    element("p", {}, say.not_yet),
    element("ul", {}, ...lacking.map((one) => element("li", {}, one))),
  );
  if (lacking.length) return $("not-yet").focus();
  stale();
  $("sealing").textContent = say.sealing;
  $("seal").disabled = true;
  const made = statement();
  const packed = streamed(contents(made)).pipeThrough(new CompressionStream("gzip"));
  const sealed = new Blob([await seal(await new Response(packed).arrayBuffer())]);
  const name = `${made.code}.jwe`;
  offer("save", sealed, name);
  $("look-inside").ontoggle = () =>
    offer("save-open", new Blob([...contents(made)], { type: "application/json" }), `${made.code}-readable.json`);
  $("inside").textContent = JSON.stringify(made, null, 2);
  $("ready").textContent = words("sealed", { name, plays: count("plays", given().length), size: sizeOf(sealed.size) });
  $("hand-in").textContent = words("hand_in", { contact: told.contact });
  $("sealing").textContent = "";
  $("sealed").hidden = false;
  $("save").focus();
}

// Beginning ------------------------------------------------------------------------------------------------------------

function listen() {
  const drop = $("drop");
  let reading = Promise.resolve();
  const read = (files) => (reading = reading.then(() => choose([...files])));
  $("files").addEventListener("change", () => read($("files").files));
  for (const kind of ["dragover", "dragleave", "drop"])
    document.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", kind === "dragover");
      if (kind === "drop" && event.dataTransfer.files.length) read(event.dataTransfer.files);
    });
  $("find").addEventListener("submit", (event) => event.preventDefault());
  let waiting = 0;
  $("find").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      page = 0;
      showPlays();
    }, 150);
  });
  const turn = (by) => () => {
    page += by;
    showPlays();
  };
  $("previous").addEventListener("click", turn(-1));
  $("next").addEventListener("click", turn(1));
  $("out-these").addEventListener("click", () => takeOut(matching()));
  $("undo").addEventListener("click", () => putBack(steps.pop()));
  $("all-back").addEventListener("click", () => putBack(steps.splice(0).flat()));
  document.querySelectorAll("input[name=scope], #code").forEach((one) => one.addEventListener("input", stale));
  $("seal").addEventListener("click", trySealing);
}

function inflates() {
  try {
    return Boolean(new DecompressionStream("deflate-raw"));
  } catch {
    return false; // not there, or older than this format
  }
}

const lacks = ["CompressionStream", "TextDecoderStream"].filter((name) => !(name in window));
if (!inflates()) lacks.push("DecompressionStream");
if (!window.crypto?.subtle) lacks.push("WebCrypto");
if (lacks.length) {
  $("trouble").append(element("li", {}, words("trouble_browser", { what: lacks.join(", ") })));
  $("trouble").hidden = false;
  $("files").disabled = true;
} else listen();
