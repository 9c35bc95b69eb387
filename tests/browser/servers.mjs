/** What the tests of Conferences share: its links, frames of servers, and a server of our own. */

import { links } from './world.mjs';

/** A link of a person that opens Conferences. */
export const conferences = (link) => link.replace('/mini_event/', '/conferences/');
export const pages = { visitor: conferences(links.visitor), admin: conferences(links.admin) };

/** Some minutes ago, and a little more, so that the test has time to look. */
const ago = (minutes) => new Date(Date.now() - minutes * 60_000 - 2_000).toISOString();

/** One conference of a frame, running for some minutes. */
export const conference = (key, { minutes = 25, ...fields } = {}) => ({
  key, topic: `Conference ${key}`, owner: 'anna@server.example', people: 3, since: ago(minutes), stoppable: true,
  join: `https://server.example/c/${key}`, control: `https://server.example/tools/real-time/${key}`, ...fields,
});

/** A `server` frame: up for some minutes, with what `fields` say. */
export function server(id, { minutes = 200, conferences: list = [], ...fields } = {}) {
  return {
    type: 'server', id, name: `Server ${id}`, state: 'up', since: ago(minutes), reason: null, monitored: true, may_stop: true,
    uptime: { day: 1, week: 0.99987, month: null }, response: [null, null, 12, 14, 11, -1, -1, 30, 12, 12],
    online: { total: 36, free: 23, busy: 4, in_conference: 9 }, online_fault: null,
    running: list.length, running_fault: null, conferences: list, stops: [], questions: [], ...fields,
  };
}

/** Servers in every state there is. */
export const everyState = () => [
  server(1, { name: 'Head office', conferences: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((key) => conference(key)) }),
  server(2, { name: 'Филиал <b>|</b> ' + 'длинное название сервера '.repeat(3), state: 'down', reason: 'tls-unknown-issuer', online: null, online_fault: 'permission-users', running: null, running_fault: 'server-error-503', response: [] }),
  server(3, { state: 'off', since: null, monitored: false, online: null, running: null, response: [], uptime: { day: null, week: null, month: null } }),
  server(4, { state: 'unknown', since: null, may_stop: false, online: null, running: null, response: [7] }),
  server(5, { name: 'Quiet', conferences: [conference('z', { topic: null, owner: null, people: null, minutes: 5000, join: null, control: null, stoppable: false })] }),
];

/** The page speaks with `answer(frame, send)` instead of a server. */
export const pretend = ({ servers = everyState(), answer = () => {}, onSocket = () => {}, me = 5 } = {}) => (page) =>
  page.routeWebSocket(/\/wss\/$/, (route) => {
    const send = (frame) => route.send(JSON.stringify(frame));
    onSocket(route, send);
    route.onMessage((text) => {
      const frame = JSON.parse(text);
      if (frame.type !== 'login') return answer(frame, send);
      send({ type: 'welcome', telegram_id: me, name: 'Ada', is_admin: true, language: 'en', timezone: 'UTC', link: null });
      for (const each of servers) send(each);
      send({ type: 'servers-loaded' });
    });
    send({ type: 'connect' });
  });
