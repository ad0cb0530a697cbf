// The HTTP API. Whatever goes wrong is a Problem, whose text is a sentence that may be shown.
import { csrfHeader, known, unknown } from "./who.js";
import { t } from "./words.js";

const TRIES_MAX = 3;
const TIMEOUT_MS = 15000;
const RETRY_AFTER_MAX_S = 5;
const LOOKS_MAX = 50; // answers for one list
const SIGN_IN = "/sessions"; // where a 401 means a wrong password

// RFC 9457. `name` is the last word of its type ("not-found", "outcome-unknown"); "away" when
// there was no answer.
export class Problem extends Error {
  constructor({ type = "about:blank", title = "", status = 0, detail = "", pointer = "" }) {
    super(detail);
    this.name = type.split("/").pop();
    Object.assign(this, { type, title, status, detail, pointer });
  }
}

async function ask(method, path, options = {}) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { Accept: "application/hal+json", ...options.headers },
      body: options.body,
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new Problem({ type: "away", detail: t("api.away") });
  }
  if (answer.status === 204) return null;
  let body;
  try {
    body = await answer.json();
  } catch {
    throw new Problem({ status: answer.status, detail: t("api.strange", answer) });
  }
  if (answer.ok) return body;
  const problem = new Problem({ ...body, status: answer.status });
  if (answer.status === 401 && path !== SIGN_IN) unknown(true);
  problem.retryAfterS = Number(answer.headers.get("Retry-After") || 1);
  throw problem;
}

export const get = (path) => ask("GET", path);

// As get, but null for what is not there (404).
export async function find(path) {
  try {
    return await get(path);
  } catch (problem) {
    if (problem.status === 404) return null;
    throw problem;
  }
}

// Every item of a paged list, up to `most`.
export async function list(path, name, most = 1000) {
  const items = [];
  const joint = path.includes("?") ? "&" : "?";
  for (let page = 0; items.length < most; page++) {
    const answer = await get(`${path}${joint}page=${page}&size=100`);
    items.push(...answer._embedded[name]);
    if (page + 1 >= answer.page.totalPages) break;
  }
  return items;
}

const pathOf = (link) => {
  const { pathname, search } = new URL(link.href);
  return pathname + search;
};

/**
 * What a list has of what is looked for, up to `most`: {items, next}. next: the path where it goes
 * on, null when there is no more.
 */
export async function lookFor(path, name, most = 100) {
  const items = [];
  let next = path;
  for (let page = 0; next && items.length < most && page < LOOKS_MAX; page++) {
    const answer = await get(next);
    items.push(...answer._embedded[name]);
    next = answer._links.next ? pathOf(answer._links.next) : null;
  }
  return { items, next };
}

// A name for one wish: sent again under it, it has no second effect.
export function wishKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const pause = (s) => new Promise((done) => setTimeout(done, s * 1000));

// Asks for a change. What may or may not have happened is asked again under the same key.
export async function send(method, path, body, key = wishKey()) {
  const headers = { "Idempotency-Key": key, ...csrfHeader() };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  for (let tries = 1; ; tries++) {
    try {
      return await ask(method, path, { headers, body: body && JSON.stringify(body) });
    } catch (problem) {
      const unknown = problem.status === 0 || problem.name === "outcome-unknown";
      if (!unknown || tries === TRIES_MAX) throw problem;
      await pause(Math.min(problem.retryAfterS || tries, RETRY_AFTER_MAX_S));
    }
  }
}

// Asks the server who one is; without an answer it stays as it is.
export async function askWho() {
  try {
    known(await get("/me"));
  } catch (problem) {
    unknown(problem.status === 401);
  }
}

export async function signIn(wish) {
  known(await send("POST", SIGN_IN, { ...wish, as: "cookie" }));
}
