// What changes, as it happens. One stream for all tabs: a SharedWorker holds it; where there is
// none, the tab with the lock does and tells the others; else each tab has its own.
import { useEffect } from "./lib.js";
import { signal, useSignal } from "./signal.js";
import { startLive } from "./live_core.js";

const CHANNEL = "lockstock-live";
const FIRST_WORD_MS = 500; // longer than that no page waits for the stream before it loads
const LATE_MS = 1500; // shorter losses are not shown
const AWAY_MS = 10000;
const NEVER_MS = 4000; // the same, for a page that began without a connection
const HIDDEN_FLUSH_MS = 1000;

// {state: "live" | "late" | "away", heardAt}
export const fresh = signal({ state: "live", heardAt: Date.now() });
export const useFresh = () => useSignal(fresh);
// Does somebody play the world (deploy/up --demo)? Then there is a bar to play with it.
export const simulated = signal(false);

const subscribers = new Set();
let refused = () => {};
let waiting = []; // events until the next frame
let flushing = false;
let heard = { state: "late", heardAt: Date.now() };
let everLive = false;
let source = null;
let firstWord;
const first = new Promise((done) => {
  firstWord = done;
});

function flush() {
  flushing = false;
  const events = waiting;
  waiting = [];
  for (const one of [...subscribers]) {
    const wanted = one.kinds ? events.filter((event) => one.kinds.includes(event.kind)) : events;
    if (wanted.length) one.onEvents(wanted);
  }
}

function flushSoon() {
  if (flushing) return;
  flushing = true;
  if (document.hidden) setTimeout(flush, HIDDEN_FLUSH_MS);
  else requestAnimationFrame(flush);
}

function reset() {
  waiting = [];
  for (const one of [...subscribers]) one.onReset();
}

function judge() {
  const lostMs = Date.now() - heard.heardAt;
  let state = navigator.onLine ? "live" : "away";
  if (heard.state !== "live" && lostMs > LATE_MS) state = "late";
  if (heard.state !== "live" && lostMs > (everLive ? AWAY_MS : NEVER_MS)) state = "away";
  const before = fresh.get();
  if (state === before.state && (state === "live" || heard.heardAt === before.heardAt)) return;
  fresh.set({ state, heardAt: heard.heardAt });
}

function onMessage(message) {
  if (message.say === "event") {
    waiting.push(message.event);
    flushSoon();
  } else if (message.say === "reset") {
    reset();
  } else if (message.say === "refused") {
    refused();
  } else if (message.say === "fresh") {
    const heardAt = message.heardAt || heard.heardAt;
    heard = { state: message.state, heardAt };
    simulated.set(message.simulated);
    if (message.state === "live") {
      if (everLive === false && firstWord === null) reset(); // pages have loaded without it
      everLive = true;
      if (firstWord) firstWord();
      firstWord = null;
    }
    judge();
  }
}

function byWorker() {
  const worker = new SharedWorker("./live_worker.js", { type: "module", name: CHANNEL });
  worker.port.addEventListener("message", ({ data }) => onMessage(data));
  worker.port.start();
  worker.port.postMessage("hello");
  addEventListener("pagehide", () => worker.port.postMessage("bye"));
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  return { again: () => worker.port.postMessage("again") };
}

function byLeader() {
  const channel = new BroadcastChannel(CHANNEL);
  let own = null;
  channel.addEventListener("message", ({ data }) => {
    if (!own) onMessage(data);
    else if (data.say === "hello") own.tell();
  });
  channel.postMessage({ say: "hello" });
  navigator.locks.request(CHANNEL, () => {
    own = startLive((message) => {
      onMessage(message);
      channel.postMessage(message);
    });
    return new Promise(() => {}); // until this tab is closed
  });
  return { again: () => own && own.again() };
}

// fn() when the server lets nobody read the stream who has not signed in.
export function onRefused(fn) {
  refused = fn;
}

// A second time does nothing.
export function start() {
  if (source) return;
  if (typeof SharedWorker === "function") source = byWorker();
  else if (navigator.locks && typeof BroadcastChannel === "function") source = byLeader();
  else source = startLive(onMessage);
  setInterval(judge, 500);
  addEventListener("offline", judge);
  setTimeout(() => {
    if (firstWord) firstWord();
    firstWord = null;
  }, FIRST_WORD_MS);
}

// When it is worth loading: the stream stands, or it takes too long.
export const settled = () => first;

// Tries at once to connect again.
export const again = () => source && source.again();

// onEvents([{kind, seq, type, subject, time, data}...]) of these kinds (null: all), at most once a
// frame; onReset() when all that was loaded must be loaded again. Returns what ends it.
export function subscribe(kinds, onEvents, onReset = () => {}) {
  const one = { kinds, onEvents, onReset };
  subscribers.add(one);
  return () => subscribers.delete(one);
}

export function useEvents(kinds, onEvents, onReset) {
  useEffect(() => subscribe(kinds, onEvents, onReset), []);
}
