// What was told lately: the window of the feed that the bridge keeps, read once.
import { frameReader } from "../live_core.js";

const QUIET_MS = 300; // nothing more for so long: that was all
const WAIT_MS = 4000;
const REACH = [8000, 2000, 400, 50]; // how far back; the window may be shorter

const open = (query, signal) => fetch("/events" + query, {
  headers: { Accept: "text/event-stream" }, cache: "no-store", signal });

// Calls onFrame for each frame until it answers true or the stream is quiet.
async function read(query, onFrame) {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(), WAIT_MS);
  try {
    const answer = await open(query, abort.signal);
    if (!answer.ok) return;
    let done = false;
    const frames = frameReader((frame) => {
      done = onFrame(frame) || done;
    });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    while (!done) {
      const { value, done: ended } = await reader.read();
      if (ended) return;
      frames(value);
      clearTimeout(timer);
      timer = setTimeout(() => abort.abort(), QUIET_MS);
    }
  } catch (error) {
    if (error.name !== "AbortError") throw error;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

async function head() {
  let found = null;
  await read("", ({ kind, data }) => {
    if (kind !== "hello" && kind !== "reset") return false;
    found = JSON.parse(data);
    return true;
  });
  return found;
}

/**
 * The newest `most` events of these kinds (all when empty), oldest first, as subscribe() gives
 * them. None where there is no stream.
 */
export async function recentEvents(kinds, most) {
  const events = [];
  try {
    const newest = await head();
    if (!newest) return events;
    const filter = kinds.length ? "&kind=" + kinds.join(",") : "";
    for (const reach of REACH) {
      let isTooFar = false;
      const after = `${newest.epoch}-${Math.max(0, newest.seq - reach)}`;
      await read(`?after=${after}${filter}`, ({ kind, data }) => {
        if (kind === "reset") isTooFar = true;
        else if (!["hello", "state"].includes(kind)) events.push({ kind, ...JSON.parse(data) });
        return isTooFar || events.at(-1)?.seq >= newest.seq;
      });
      if (!isTooFar) break;
    }
  } catch {
    // No stream now: live.js says so, and what comes later is told.
  }
  return events.slice(-most);
}
