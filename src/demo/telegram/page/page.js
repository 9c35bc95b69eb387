// Chat with the bot as one of the people of the stand-in. Texts are set as text, never as markup.

/** @typedef {{type: string, offset: number, length: number, url?: string}} Entity */

const $ = (id) => document.getElementById(id);

/** Milliseconds a toast stays. */
const TOAST_TIME = 4000;

/** Milliseconds before the page asks again after the server was gone. */
const AGAIN = 1500;

let person = Number(new URLSearchParams(location.search).get("person")) || null;
let revision = -1;
let asking = new AbortController();
/** Taps of this page that wait for their answer: id to button key. */
const waiting = new Map();
/** The people drawn last, to leave an open list alone. */
let drawnPeople = "";

/** An element with text or children. */
function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** Tells the server what the person does. */
async function act(deed) {
  const answer = await fetch("/chat/do", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ person, ...deed }),
  });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.detail);
  return told;
}

/** Does something and shows what went wrong. */
async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(`That did not work: ${error.message}`);
    return null;
  }
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").hidden = true; }, TOAST_TIME);
}

// ---- messages ----

/** The elements an entity is shown as. */
const SHAPES = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "blockquote",
};

function safeUrl(url) {
  return /^(https?|tg|mailto):/i.test(url) ? url : "#";
}

function wrap(entity, content, text) {
  if (entity.type === "text_link" || entity.type === "url") {
    const link = make("a", "", content);
    link.href = safeUrl(entity.url ?? text);
    link.target = "_blank";
    link.rel = "noreferrer";
    return link;
  }
  if (entity.type === "bot_command") {
    const button = make("button", "command", content);
    button.type = "button";
    button.addEventListener("click", () => attempt(() => act({ do: "send", text })));
    return button;
  }
  if (entity.type === "spoiler") {
    const hidden = make("span", "spoiler", content);
    hidden.tabIndex = 0;
    return hidden;
  }
  return make(SHAPES[entity.type] ?? "span", "", content);
}

/**
 * Text with its entities, nested by where they begin and end (both count UTF-16, as JavaScript does).
 * @param {string} text @param {Entity[]} entities
 */
function marked(text, entities, from = 0, to = text.length) {
  const content = document.createDocumentFragment();
  let at = from;
  const sorted = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  while (sorted.length > 0) {
    const entity = sorted.shift();
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at || end <= entity.offset) continue;
    content.append(text.slice(at, entity.offset));
    const inner = sorted.filter((other) => other.offset >= entity.offset && other.offset + other.length <= end);
    content.append(wrap(entity, marked(text, inner, entity.offset, end), text.slice(entity.offset, end)));
    at = end;
  }
  content.append(text.slice(at, to));
  return content;
}

/** Commands the bot names are tappable too, as in Telegram. */
function withCommands(text, entities) {
  const found = [...text.matchAll(/(?<![\w/<])\/[a-z][a-z0-9_]{0,31}\b/gi)]
    .map((match) => ({ type: "bot_command", offset: match.index, length: match[0].length }))
    .filter((found) => !entities.some((e) => found.offset < e.offset + e.length && e.offset < found.offset + found.length));
  return [...entities, ...found];
}

async function press(message, button, element) {
  if (button.url) {
    window.open(safeUrl(button.url), "_blank", "noreferrer");
  } else if (button.web_app) {
    await openApp(button.web_app.url);
  } else if (button.copy_text) {
    await attempt(() => navigator.clipboard.writeText(button.copy_text.text));
  } else if (button.callback_data !== undefined) {
    element.setAttribute("aria-busy", "true");
    const told = await attempt(() => act({ do: "tap", message: message.message_id, data: button.callback_data }));
    if (told) waiting.set(told.tap, element);
  }
}

/** Opens a mini app signed in as this person. */
async function openApp(url) {
  const tab = window.open("", "_blank");
  const told = await attempt(() => act({ do: "open", url }));
  if (!told) tab?.close();
  else if (tab) tab.location.replace(told.url);
  else location.assign(told.url);
}

function keyboard(message) {
  return (message.reply_markup?.inline_keyboard ?? []).map((row) => make("div", "row", ...row.map((button) => {
    const element = make("button", button.callback_data === undefined ? "opens" : "", button.text);
    element.type = "button";
    element.addEventListener("click", () => press(message, button, element));
    return element;
  })));
}

function bubble(message) {
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities ?? [];
  const item = make("li", message.from.is_bot ? "" : "mine");
  item.dataset.id = message.message_id;
  const box = make("div", "bubble");
  if (message.photo) {
    const image = make("img");
    const { file_id: id, width, height } = message.photo.at(-1);
    // Known beforehand, so that nothing moves when the image arrives.
    Object.assign(image, { width, height, src: `/chat/photo/${encodeURIComponent(id)}` });
    image.alt = text || "Photo";
    item.classList.add("photo");
    box.append(image);
  }
  const time = new Date(message.date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const stamp = make("time", "", message.edit_date ? `edited ${time}` : time);
  box.append(marked(text, withCommands(text, entities)), stamp);
  item.append(box, ...keyboard(message));
  return item;
}

function drawMessages(messages) {
  const list = $("messages");
  const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const before = new Map([...list.children].map((item) => [item.dataset.id, item]));
  const items = messages.map((message) => {
    const source = JSON.stringify(message);
    const old = before.get(String(message.message_id));
    if (old?.source === source) return old;
    const item = bubble(message);
    item.source = source;
    return item;
  });
  if (items.length === 0) {
    const start = make("button", "app", "Start");
    start.type = "button";
    start.addEventListener("click", () => attempt(() => act({ do: "send", text: "/start" })));
    items.push(make("li", "empty", "Nothing here yet.", start));
  }
  // Elements that stay are moved only when their place changed, so that focus and hover survive.
  items.forEach((item, index) => {
    if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
  });
  while (list.children.length > items.length) list.lastChild.remove();
  if (atEnd) list.scrollTop = list.scrollHeight;
}

// ---- the rest of the page ----

function drawPeople(state) {
  const source = JSON.stringify([state.people, state.person]);
  if (source === drawnPeople) return;
  drawnPeople = source;
  $("person").replaceChildren(...state.people.map(({ id, name }) => new Option(name, id, false, id === state.person)));
}

function drawMenu(state) {
  $("commands").replaceChildren(...state.commands.map(([name, description]) => {
    const button = make("button", "", make("b", "", `/${name}`), make("span", "", description));
    button.type = "button";
    button.addEventListener("click", () => {
      showCommands(false);
      attempt(() => act({ do: "send", text: `/${name}` }));
    });
    return make("li", "", button);
  }));
  $("menu").hidden = state.commands.length === 0;
  const app = state.menu?.type === "web_app" ? state.menu : null;
  $("app").hidden = !app;
  $("app").textContent = app?.text ?? "";
  $("app").onclick = () => openApp(app.web_app.url);
}

function showCommands(shown) {
  $("commands").hidden = !shown;
  $("menu").setAttribute("aria-expanded", String(shown));
}

function showToasts(toasts) {
  for (const [tap, element] of waiting) {
    const answer = toasts[tap];
    if (!answer) continue;
    waiting.delete(tap);
    element.removeAttribute("aria-busy");
    if (answer.text && answer.alert) window.alert(answer.text);
    else if (answer.text) toast(answer.text);
  }
}

function draw(state) {
  revision = state.revision;
  if (state.person === undefined) {
    $("status").textContent = "nobody is here yet";
    return;
  }
  person = state.person;
  $("bot").textContent = state.bot;
  $("face").textContent = state.bot.slice(0, 1).toUpperCase();
  document.title = state.bot;
  $("status").textContent = "bot";
  drawPeople(state);
  drawMenu(state);
  drawMessages(state.messages);
  showToasts(state.toasts);
}

/** Asks for news for ever. */
async function follow() {
  for (;;) {
    asking = new AbortController();
    try {
      const query = new URLSearchParams({ since: String(revision), ...(person ? { person: String(person) } : {}) });
      const answer = await fetch(`/chat/state?${query}`, { signal: asking.signal });
      draw(await answer.json());
    } catch (error) {
      if (error.name === "AbortError") continue;
      $("status").textContent = "the demo has stopped; waiting for it…";
      revision = -1;
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}

async function sendText() {
  const text = $("text").value.trim();
  if (!text) return;
  $("text").value = "";
  showCommands(false);
  if (!await attempt(() => act({ do: "send", text }))) $("text").value = text;
}

async function sendPhoto(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  const caption = $("text").value.trim();
  if (await attempt(() => act({ do: "photo", base64: btoa(binary), caption }))) $("text").value = "";
}

$("write").addEventListener("submit", (event) => {
  event.preventDefault();
  sendText();
});
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    sendText();
  }
});
$("text").addEventListener("input", () => showCommands($("text").value === "/"));
$("photo").addEventListener("change", async () => {
  const [file] = $("photo").files;
  if (file) await sendPhoto(file);
  $("photo").value = "";
});
$("menu").addEventListener("click", () => showCommands($("commands").hidden));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") showCommands(false);
});
$("person").addEventListener("change", () => {
  person = Number($("person").value);
  history.replaceState(null, "", `?person=${person}`);
  $("messages").replaceChildren();
  revision = -1;
  asking.abort();
});
follow();
