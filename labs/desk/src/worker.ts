// The desk's service worker. The network comes first; what it gave last is there when it gives nothing.

interface LifeEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface AskEvent extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
/** What a worker has; TypeScript's own names for it do not go together with those of a page. */
interface Worker {
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
  addEventListener(name: "install" | "activate", what: (event: LifeEvent) => void): void;
  addEventListener(name: "fetch", what: (event: AskEvent) => void): void;
}
const worker = globalThis as unknown as Worker;

const CACHE = `isomo-desk-${DESK_VERSION}`;
const SHARED = new URL(location.href).searchParams.get("files") ?? "";
const PATIENCE = 4_000;

worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(CACHE)
      .then((cache) => Promise.all(DESK_FILES.map((name) => keepFile(cache, name))))
      .then(() => worker.skipWaiting()),
  );
});

/** Keep a file: from the path of all learners, where the page has just loaded it, else from the learner's server. */
async function keepFile(cache: Cache, name: string): Promise<void> {
  const shared = SHARED ? await fetch(`${SHARED}/${name}`).catch(() => undefined) : undefined;
  if (shared?.ok) await cache.put(`static/${name}`, shared);
  else await cache.add(`static/${name}`);
}

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOld().then(() => worker.clients.claim()));
});

/** Caches of older versions go, but their labs' texts move: somebody may be without a line right after an update. */
async function forgetOld(): Promise<void> {
  const now = await caches.open(CACHE);
  for (const name of await caches.keys()) {
    if (!name.startsWith("isomo-desk-") || name === CACHE) continue;
    const old = await caches.open(name);
    for (const request of await old.keys()) {
      if (new URL(request.url).pathname.includes("/-/")) continue;
      const kept = await old.match(request);
      if (kept && !(await now.match(request))) await now.put(request, kept);
    }
    await caches.delete(name);
  }
}

worker.addEventListener("fetch", (event) => {
  const request = event.request;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET" || !path.includes("/desk/")) return;
  if (path.includes("/desk/-/static/") || (SHARED && request.url.includes(`${SHARED}/`))) event.respondWith(cacheFirst(request));
  else if (request.mode === "navigate") event.respondWith(networkFirst(request));
});

async function cacheFirst(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const key = `static/${new URL(request.url).pathname.split("/").pop()}`;
  const kept = await cache.match(key);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(key, answer.clone());
  return answer;
}

async function networkFirst(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const key = request.url.split(/[?#]/)[0] ?? request.url;
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(key, answer.clone());
    // Signed out, here or elsewhere: the next person at this computer finds no lab of somebody else's.
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) await cache.delete(key);
    return answer;
  });
  const kept = await cache.match(key);
  if (!kept) return asked;
  // A half-open line never answers; what was kept is better than waiting for it.
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE));
  const answer = await Promise.race([asked.catch(() => undefined), late]);
  return answer && answer.status < 500 ? answer : asKept(kept);
}

/** Return a kept page with a mark, by which its script knows that it may be older than what the server has. */
async function asKept(page: Response): Promise<Response> {
  const headers = new Headers(page.headers);
  // The text is not compressed any more.
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  const text = (await page.text()).replace('<script id="desk-config"', '$& data-kept="true"');
  return new Response(text, { status: page.status, headers });
}
