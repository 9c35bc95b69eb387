/** The first page: lists the mini apps this person is offered, or opens the only one. */

import { fill, h } from './lib/html.js';
import { choose } from './lib/i18n.js';
import { launch, ready } from './lib/telegram.js';

/** @typedef {{app: string, path: string}} App */

/** Names of the mini apps people know; others are shown by the name the server gives them. */
const NAMES = {
  en: { mini_event: 'Events', conferences: 'Conferences', failed: 'The list of apps cannot be loaded. Check the connection.', again: 'Try again' },
  ru: { mini_event: 'События', conferences: 'Конференции', failed: 'Не удалось загрузить список приложений. Проверьте связь.', again: 'Попробовать снова' },
  de: { mini_event: 'Veranstaltungen', conferences: 'Konferenzen', failed: 'Die Liste der Apps lässt sich nicht laden. Prüfe die Verbindung.', again: 'Nochmal versuchen' },
  es: { mini_event: 'Eventos', conferences: 'Conferencias', failed: 'No se puede cargar la lista de aplicaciones. Comprueba la conexión.', again: 'Reintentar' },
};

const language = choose(NAMES, [launch.user?.language_code, ...navigator.languages]) ?? 'en';
/** @type {Record<string, string>} */
const names = NAMES[/** @type {keyof typeof NAMES} */ (language)];
const list = /** @type {HTMLElement} */ (document.getElementById('apps'));

/** The address of an app, with what Telegram gave us to log in. @param {App} app */
const address = (app) => new URL(`.${app.path}`, document.baseURI).pathname + location.search + location.hash;

/** @param {App[]} apps */
function show(apps) {
  if (apps.length === 1) return location.replace(address(apps[0]));
  list.removeAttribute('aria-busy');
  fill(list, apps.map((app) => h('li', {}, h('a', { class: 'launcher__app', href: address(app) }, names[app.app] ?? app.app))));
}

/** The apps of the person of this launch; of everybody when nobody has logged in. @returns {Promise<App[]>} */
async function apps() {
  const mine = launch.initData && (await fetch('settings.json', { method: 'POST', body: launch.initData }));
  const answer = mine && mine.ok ? mine : await fetch('settings.json');
  return (await answer.json()).apps;
}

function failed() {
  list.removeAttribute('aria-busy');
  fill(list, h('li', { class: 'empty' }, h('p', { role: 'alert' }, names.failed), h('button', { class: 'button', type: 'button', onclick: () => location.reload() }, names.again)));
}

document.documentElement.lang = language;
ready();
try {
  show(await apps());
} catch {
  failed();
}
