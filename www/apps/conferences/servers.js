/**
 * What this page knows of the servers: the server's last word on each, and the lists that were
 * fetched beyond it. No DOM, no clock, no socket in here.
 */

/**
 * @typedef {object} Conference one that runs
 * @property {string} key names this very run
 * @property {string | null} topic
 * @property {string | null} owner
 * @property {number | null} people
 * @property {string | null} since RFC 3339
 * @property {string | null} join address of the page that joins it
 * @property {string | null} control address of its page in the server's own administration
 * @property {boolean} stoppable
 */
/** @typedef {{ask: number, key: string, topic: string | null, by: string, outcome: 'under-way' | 'stopped' | 'gone' | 'replaced' | 'failed' | 'unclear', reason: string | null, at: string}} Stop */
/**
 * @typedef {object} Server one `server` frame
 * @property {number} id
 * @property {string} name
 * @property {'up' | 'down' | 'unknown' | 'off'} state
 * @property {string | null} since RFC 3339
 * @property {string | null} reason the word of the fault, while down
 * @property {boolean} monitored
 * @property {boolean} may_stop
 * @property {{day: number | null, week: number | null, month: number | null}} uptime shares of the time, 0 to 1
 * @property {(number | null)[]} response milliseconds of the last 24 hours, the oldest first; −1 where it failed, null where nothing is known
 * @property {{total: number, free: number, busy: number, in_conference: number} | null} online
 * @property {string | null} online_fault
 * @property {number | null} running how many conferences run
 * @property {string | null} running_fault
 * @property {Conference[]} conferences the first of those that run
 * @property {Stop[]} stops the last ones, the newest first
 * @property {{ask: number, key: string, topic: string | null, people: number | null, to: number}[]} questions that wait for somebody's answer
 */

export class Servers {
  /** @type {Map<number, Server>} */
  #known = new Map();
  /** @type {Map<number, Server> | null} what has come of a snapshot; shown when it is whole */
  #arriving = null;
  /** @type {Map<number, Conference[]>} conferences behind those of the frame */
  #more = new Map();

  /** A snapshot follows: what is not in it is gone. */
  begin() {
    this.#arriving = new Map();
  }

  /** The snapshot is whole. */
  loaded() {
    this.#known = this.#arriving ?? this.#known;
    this.#arriving = null;
  }

  /** @param {Server} server */
  put(server) {
    (this.#arriving ?? this.#known).set(server.id, server);
    if (!server.running || server.running <= server.conferences.length) this.#more.delete(server.id);
  }

  /** @param {number} id */
  remove(id) {
    this.#known.delete(id);
    this.#arriving?.delete(id);
    this.#more.delete(id);
  }

  /** Conferences beyond those of the frame, from number `from` on. @param {number} id @param {number} from @param {Conference[]} list */
  extend(id, from, list) {
    const first = this.#known.get(id)?.conferences.length ?? 0;
    const before = (this.#more.get(id) ?? []).slice(0, Math.max(0, from - first));
    this.#more.set(id, [...before, ...list]);
  }

  /** What is known of the conferences of a server, each once. @param {Server} server @returns {Conference[]} */
  conferences(server) {
    const first = new Set(server.conferences.map((conference) => conference.key));
    return [...server.conferences, ...(this.#more.get(server.id) ?? []).filter((conference) => !first.has(conference.key))];
  }

  /** @param {number} id @returns {Server | undefined} */
  get(id) {
    return this.#known.get(id);
  }

  /** Every server: those that are down first, then by name. @returns {Server[]} */
  all() {
    const troubles = (/** @type {Server} */ server) => (server.state === 'down' ? 0 : 1);
    return [...this.#known.values()].sort((one, other) => troubles(one) - troubles(other) || one.name.localeCompare(other.name, undefined, { numeric: true }) || one.id - other.id);
  }
}
