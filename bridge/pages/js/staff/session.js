// Scans of one station, one after the other; what was said to the last ones is kept.
import { find, send } from "../api.js";
import { recall, remember } from "../keep.js";
import { after, IDLE, meant, resumed } from "./flows.js";
import { labelOf, readLabel } from "./label.js";
import { play } from "./sound.js";

const BOUNCE_MS = 500; // the same label again within that is a bounce
const LAST_MAX = 8;
const KEPT_MS = 60 * 60 * 1000; // an older flow is forgotten here; the server may know better

export class Session {
  constructor(name) {
    const kept = recall("staff.session." + name, null);
    const isFresh = kept && Date.now() - kept.at < KEPT_MS;
    Object.assign(this, { name, session: isFresh ? kept.session : IDLE, last: [], queue: [],
      busy: false, followers: new Set(), before: { text: "", at: 0 }, count: 0, told: null });
  }

  // What the server knows of this station: the page may have been closed, or another one used.
  async resume() {
    const known = await find("/devices/stock/" + this.name).catch(() => null);
    if (!known || this.count || this.waiting) return; // somebody has scanned meanwhile
    this.session = resumed(this.session, known);
    this.told = this.session.flow && known.prompt ? known : null;
    this.moved();
  }

  follow(follower) {
    this.followers.add(follower);
    return () => this.followers.delete(follower);
  }

  get waiting() {
    return this.queue.length + (this.busy ? 1 : 0);
  }

  moved() {
    for (const follower of [...this.followers]) follower();
  }

  // A text as a scanner or a person gave it.
  scan(text) {
    const now = Date.now();
    if (this.before.text === text && now - this.before.at < BOUNCE_MS) return;
    this.before = { text, at: now };
    this.put({ text });
  }

  command(value) {
    this.label("command", value);
  }

  label(kind, value) {
    this.put({ text: labelOf(kind, String(value)) });
  }

  put(one) {
    this.queue.push(one);
    this.moved();
    if (!this.busy) this.run();
  }

  async run() {
    this.busy = true;
    while (this.queue.length) await this.ask(this.queue.shift());
    this.busy = false;
    this.moved();
  }

  async ask({ text }) {
    const label = readLabel(text) || meant(text, this.session.step);
    const sent = label ? labelOf(label.kind, label.value) : text;
    const told = { key: ++this.count, text, label, at: Date.now() };
    try {
      told.verdict = await send("POST", "/scans", { station: this.name, label: sent });
      this.session = after(this.session, label, told.verdict);
      remember("staff.session." + this.name, { session: this.session, at: Date.now() });
      const { result, signal } = told.verdict;
      play(result === "accepted" ? (signal === "done" ? "done" : "ok") : "error");
    } catch (problem) {
      told.problem = problem;
      this.queue = []; // what comes after it was meant for another step
      play("error");
    }
    this.last = [told, ...this.last].slice(0, LAST_MAX);
    this.moved();
  }
}
