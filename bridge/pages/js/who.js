// Who one is. In an open system everybody is the operator, and nobody signs in.
import { signal, useSignal } from "./signal.js";
import { forget, onRemembered, recall, remember } from "./keep.js";

const STAFF = ["picker", "counter", "supervisor", "operator"];
const OFFICE = ["supervisor", "operator", "auditor"];
// What belongs to the browser, not to the person.
const KEPT_FOR_ALL = ["language", "theme", "who"];

/**
 * null until it is known, then one of:
 *   {open: true, role: "operator"}            of an open system
 *   {person, role, name, until}               of whoever is signed in; the name is told at the door
 *   {out: true, ended, saved}                 nobody is; ended: somebody was, until a moment ago;
 *                                             saved: somebody has just chosen a password
 *   {unknown: true}                           the server did not say
 */
export const who = signal(recall("who", null));
export const useWho = () => useSignal(who);

let csrf = ""; // proves to the server that a request comes from a page of its own

export const csrfHeader = () => (csrf ? { "X-CSRF-Token": csrf } : {});

function become(next) {
  who.set(next);
  remember("who", next.out || next.unknown ? null : next);
}

// What the server says in GET /me, or in POST /sessions. Whatever somebody else left here is
// forgotten, and the page begins anew.
export function known(told) {
  csrf = told.csrf || "";
  const before = recall("who", null);
  if (told.access === "open") {
    become({ open: true, role: told.role });
    return;
  }
  const { person, role, until } = told;
  const isSame = before?.person === person;
  const next = { person, role, name: told.name || (isSame ? before.name : ""), until };
  if (isSame) {
    become(next);
    return;
  }
  forget(KEPT_FOR_ALL);
  remember("who", next);
  location.reload();
}

// The server knows of nobody. What was loaded for somebody goes with the page.
export function unknown(isRefused) {
  if (!isRefused) {
    if (who.get() === null) who.set({ unknown: true });
    return;
  }
  const before = who.get();
  csrf = "";
  if (before?.out) return;
  become({ out: true, ended: before?.person !== undefined });
}

// A password of one's own is there: whoever it is signs in with it.
export const passwordSaved = () => become({ out: true, saved: true });

export function forgetPerson() {
  csrf = "";
  forget(KEPT_FOR_ALL);
  remember("who", null);
}

// Which faces somebody may see; the services decide what they may do there.
export function facesOf(person) {
  if (!person || person.open || person.unknown) return ["customer", "staff", "office"];
  return [
    ...(["customer", "operator"].includes(person.role) ? ["customer"] : []),
    ...(STAFF.includes(person.role) ? ["staff"] : []),
    ...(OFFICE.includes(person.role) ? ["office"] : []),
  ];
}

export const isSignedIn = (person) => person?.person !== undefined;

// Another tab signed in or out: this one shows what it may no longer show.
onRemembered((name) => {
  if (name !== "who" || recall("who", null)?.person === who.get()?.person) return;
  forget(KEPT_FOR_ALL);
  location.reload();
});
