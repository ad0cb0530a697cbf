// Loaded once, then kept level by the stream; shared by all components that name the same thing.
import { useEffect, useState } from "./lib.js";
import { recall, remember } from "./keep.js";
import { settled, subscribe } from "./live.js";

const RELOAD_MS = 5000; // after a failure
const SOON_MS = 150; // many events that ask for one more load
const QUIET_MS = 200;
const KEEP_MS = 2000; // many changes that are remembered once

export const RELOAD = Symbol("reload");

const stores = new Map(); // name -> Store
const unkept = new Map(); // what is to be remembered soon

function keepNow() {
  for (const [name, entry] of unkept) remember("seen." + name, entry);
  unkept.clear();
}

function keepSoon(name, entry) {
  if (!unkept.size) setTimeout(keepNow, KEEP_MS);
  unkept.set(name, entry);
}

addEventListener("pagehide", keepNow);

class Store {
  constructor({ name, seed, keep }) {
    const seen = keep && recall("seen." + keep, null);
    const value = seen ? seen.value : seed && seed();
    Object.assign(this, { name, keep, followers: new Set(), pending: [], timer: null, runs: 0 });
    this.shown = { value, at: seen ? seen.at : 0, problem: null, loading: true };
  }

  follow(follower, wish) {
    this.wish = wish;
    this.followers.add(follower);
    if (this.followers.size === 1) this.start();
    return () => {
      this.followers.delete(follower);
      if (!this.followers.size) this.stop();
    };
  }

  start() {
    this.runs++;
    const mine = this.runs;
    this.unsubscribe = subscribe(this.wish.kinds,
      (events) => this.take(events), () => this.later(0));
    settled().then(() => mine === this.runs && this.run());
  }

  stop() {
    this.runs++; // what is under way is for nobody
    this.isLoading = false;
    this.pending = [];
    clearTimeout(this.timer);
    this.timer = null;
    this.unsubscribe();
  }

  show(change) {
    this.shown = { ...this.shown, ...change };
    for (const follower of [...this.followers]) follower(this.shown);
  }

  become(value) {
    const entry = { value, at: Date.now() };
    if (this.keep) keepSoon(this.keep, entry);
    this.show({ ...entry, problem: null, loading: false });
  }

  // A load that waits already is not put off, however many events come.
  later(ms) {
    if (this.timer !== null && ms > 0) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.run();
    }, ms);
  }

  take(events) {
    if (this.isLoading) {
      this.pending.push(...events);
      return;
    }
    const { value } = this.shown;
    const next = value !== undefined && this.wish.apply ? this.wish.apply(value, events) : RELOAD;
    if (next === RELOAD) this.later(SOON_MS);
    else if (next !== value) this.become(next);
  }

  async run() {
    if (this.isLoading) {
      this.isMissed = true;
      return;
    }
    const mine = this.runs;
    this.isLoading = true;
    this.isMissed = false;
    try {
      const value = await this.wish.load();
      if (mine !== this.runs) return;
      this.become(value);
    } catch (problem) {
      if (mine !== this.runs) return;
      this.show({ problem, loading: false });
      this.later(RELOAD_MS);
    }
    this.isLoading = false;
    const events = this.pending;
    this.pending = [];
    if (this.isMissed) this.later(0);
    else if (events.length) this.take(events);
  }
}

// A value that has stood still for a moment: what somebody types is not asked letter by letter.
export function useQuiet(value) {
  const [quiet, setQuiet] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setQuiet(value), QUIET_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return quiet;
}

/**
 * useLive({name, load, kinds, apply, keep, seed}) -> {value, at, problem, loading, reload}
 *
 * name:                    of what is shown; who gives the same name shares it.
 * load():                  a promise of the value.
 * kinds:                   kinds of events that change it.
 * apply(value, events):    the value after these events, or RELOAD when only the server knows.
 * keep:                    the name under which this browser remembers it for another visit.
 * seed():                  what may be shown until it was loaded, or undefined.
 * value is undefined until it was loaded once; with a problem the last value stays. at: when (ms).
 */
export function useLive(wish) {
  const { name } = wish;
  if (!stores.has(name)) stores.set(name, new Store(wish));
  const store = stores.get(name);
  const [, moved] = useState(null);
  useEffect(() => {
    moved(store.shown);
    return store.follow(moved, wish);
  }, [name]);
  return { ...store.shown, reload: () => store.later(0) };
}
