// The service worker: pages open without a connection, with what was last seen. Files with a hash
// in their name come from what is kept; an address comes from the server while it answers. Nothing
// of the API is ever kept here.
const FILES = [/* files */];
const KEPT = "lockstock-/* version */";
const FRAME = "/ui/";
const WAIT_MS = 4000;
const ANY = { ignoreVary: true }; // a name with a hash means one thing

addEventListener("install", (event) => {
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll([FRAME, ...FILES])));
  self.skipWaiting();
});

addEventListener("activate", (event) => {
  const others = (names) => names.filter((name) => name.startsWith("lockstock-") && name !== KEPT);
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(others(names).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

async function address(request) {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(WAIT_MS) });
    if (answer.status < 500) return answer;
  } catch {
    // The frame below knows what to say.
  }
  return (await caches.match(FRAME, ANY)) || Response.error();
}

async function file(request) {
  const known = await caches.match(request, ANY);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) (await caches.open(KEPT)).put(request, answer.clone());
  return answer;
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (!(pathname + "/").startsWith("/ui/") && request.mode !== "navigate") return;
  if (request.mode === "navigate") event.respondWith(address(request));
  else if (/\.[0-9a-f]{8}\.\w+$/.test(pathname)) event.respondWith(file(request));
});
