// The newest events of every kind, newest first, for as long as the events page is open.
import { useEffect } from "../lib.js";
import { subscribe } from "../live.js";
import { signal } from "../signal.js";
import { recentEvents } from "./recent.js";

const FEED_MAX = 500;

// null until the newest ones were read.
export const feed = signal(null);

// Pure: the newest FEED_MAX of both, by their place in the stream, none of them twice.
export function mergeFeed(kept, events) {
  const newest = kept.length ? kept[0].seq : -1;
  const fresh = events.filter(({ seq }) => seq > newest);
  return fresh.length ? [...fresh.reverse(), ...kept].slice(0, FEED_MAX) : kept;
}

let generation = 0; // what was asked before a reset says nothing any more

async function load() {
  const mine = ++generation;
  let missed = [];
  const end = subscribe(null, (events) => missed.push(...events));
  const events = await recentEvents([], FEED_MAX);
  end();
  if (mine !== generation) return;
  feed.set(mergeFeed(mergeFeed([], events), missed));
  missed = [];
}

export function useFeed() {
  useEffect(() => {
    load();
    const end = subscribe(null, (events) => {
      if (feed.get()) feed.set(mergeFeed(feed.get(), events));
    }, load);
    return () => {
      end();
      feed.set(null);
    };
  }, []);
}
