// Loaded once, then kept level by the stream.
import { useEffect, useRef, useState } from "./lib.js";
import { settled, subscribe } from "./live.js";

const RELOAD_MS = 5000; // after a failure
const SOON_MS = 150; // many events that ask for one more load
const cache = new Map(); // name -> {value, at}: what is shown while it is loaded again

// What was last loaded under a name, or undefined.
export const cached = (name) => cache.get(name)?.value;

/**
 * useLive({name, load, kinds, apply}) -> {value, at, problem, loading, reload}
 *
 * load():                  a promise of the value.
 * kinds:                   kinds of events that change it.
 * apply(value, events):    the value after these events, or RELOAD when only the server knows.
 * value is undefined until it was loaded once; with a problem the last value stays.
 */
export const RELOAD = Symbol("reload");

export function useLive({ name, load, kinds, apply }) {
  const kept = cache.get(name);
  const [shown, setShown] = useState({ name, ...kept, loading: true });
  const wish = useRef();
  wish.current = { load, apply };
  const again = useRef(() => {});

  useEffect(() => {
    let ended = false, loading = false, missed = false, pending = [], timer = null, value;
    value = cache.get(name)?.value;
    let has = cache.has(name);
    setShown({ name, ...cache.get(name), loading: true });

    const show = (next) => {
      value = next;
      has = true;
      const entry = { value, at: Date.now() };
      cache.set(name, entry);
      setShown({ name, ...entry, loading: false });
    };
    const later = (ms) => {
      clearTimeout(timer);
      timer = setTimeout(run, ms);
    };
    const take = (events) => {
      const next = has && apply ? wish.current.apply(value, events) : RELOAD;
      if (next === RELOAD) later(SOON_MS);
      else if (next !== value) show(next);
    };
    async function run() {
      if (loading) {
        missed = true;
        return;
      }
      loading = true;
      try {
        const next = await wish.current.load();
        if (ended) return;
        show(next);
      } catch (problem) {
        if (ended) return;
        setShown((before) => ({ ...before, problem, loading: false }));
        later(RELOAD_MS);
      } finally {
        loading = false;
      }
      const events = pending;
      pending = [];
      if (missed) later(0);
      else if (events.length) take(events);
      missed = false;
    }
    const unsubscribe = subscribe(kinds, (events) => {
      if (loading) pending.push(...events);
      else take(events);
    }, () => later(0));
    again.current = () => later(0);
    settled().then(() => !ended && run());
    return () => {
      ended = true;
      clearTimeout(timer);
      unsubscribe();
    };
  }, [name]);

  const right = shown.name === name ? shown : { name, ...kept, loading: true };
  return { ...right, reload: () => again.current() };
}
