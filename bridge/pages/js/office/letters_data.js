// Dead letters: events that a service could not apply. How many there are is what processes say of
// themselves; the letters are asked for while somebody looks at them.
import { get, list } from "../api.js";
import { useEvery } from "../poll.js";
import { signal, useSignal } from "../signal.js";

const COUNT_MS = 10000;
const LIST_MS = 5000;
const LETTERS_MAX = 500; // of one service
export const SERVICES = ["product", "rental", "delivery", "stock", "information"];

export const letterCount = signal(0);
const seen = signal({ value: undefined, problem: null });

// Pure: how many there are, of what GET /processes says.
export const countLetters = (processes) =>
  processes.reduce((sum, { status }) => sum + (status?.deadLetters || 0), 0);

async function lookAtCount() {
  const { _embedded } = await get("/processes");
  letterCount.set(countLetters(_embedded.processes));
}

// Pure: the same letters, each with the one behind which it waits: `after`, or null.
export function withLanes(letters) {
  const first = new Map();
  return letters.map((letter) => {
    const lane = `${letter.source} ${letter.subject}`;
    if (!first.has(lane)) first.set(lane, letter.id);
    const after = first.get(lane);
    return { ...letter, after: after === letter.id ? null : after };
  });
}

async function lettersOf(service) {
  try {
    const letters = await list(`/dead-letters/${service}`, "letters", LETTERS_MAX);
    return { service, letters: withLanes(letters), problem: null };
  } catch (problem) {
    return { service, letters: [], problem };
  }
}

async function look() {
  const value = await Promise.all(SERVICES.map(lettersOf));
  if (value.every(({ problem }) => problem)) {
    seen.set({ ...seen.get(), problem: value[0].problem });
    return;
  }
  seen.set({ value, problem: null });
  if (value.every(({ problem }) => !problem)) {
    letterCount.set(value.reduce((sum, { letters }) => sum + letters.length, 0));
  }
}

// Keeps the count level; the face has it once.
export function LetterCountKeeper() {
  useEvery(lookAtCount, COUNT_MS);
  return null;
}

// value: [{service, letters, problem}], problem, reload().
export function useLetters() {
  useEvery(look, LIST_MS);
  return { ...useSignal(seen), reload: look };
}
