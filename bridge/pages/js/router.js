// Addresses of the pages. Links are plain <a href="/ui/...">; a click on one changes the page in
// place.
import { signal, useSignal } from "./signal.js";

// The server gives these a policy of their own, so the browser must load them anew.
const LOADED_ANEW = ["/ui/staff/scan"];

const path = signal(location.pathname);
export const usePath = () => useSignal(path);

// still: something on the same page was chosen, so that scroll and focus stay where they are.
export function navigate(to, { replace = false, still = false } = {}) {
  if (to === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"]({ deep: !replace, still }, "", to);
  path.set(location.pathname);
  if (!still) scrollTo(0, 0);
}

// Back where this visit came from, or to `otherwise` when it began here.
export function back(otherwise) {
  if (history.state?.deep) history.back();
  else navigate(otherwise);
}

// match("/ui/orders/:id", path) -> {id: "3"}, or null.
export function match(pattern, actual) {
  const wanted = pattern.split("/"), found = actual.replace(/\/$/, "").split("/");
  if (wanted.length !== found.length) return null;
  const values = {};
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i].startsWith(":")) values[wanted[i].slice(1)] = decode(found[i]);
    else if (wanted[i] !== found[i]) return null;
  }
  return values;
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function start() {
  addEventListener("popstate", () => path.set(location.pathname));
  addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || link.target || link.download ||
        event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const to = new URL(link.href);
    if (to.origin !== location.origin || !(to.pathname + "/").startsWith("/ui/")) return;
    if (to.hash && to.pathname === location.pathname) return;
    if (LOADED_ANEW.includes(to.pathname)) return;
    event.preventDefault();
    navigate(to.pathname + to.search);
  });
}
