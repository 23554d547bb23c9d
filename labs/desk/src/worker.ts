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
  readonly clients: { claim(): Promise<void>; matchAll(): Promise<readonly { readonly url: string }[]> };
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
  const claimed = forgetOld().then(() => worker.clients.claim());
  event.waitUntil(claimed);
  // Not waited for: until a worker is active, its pages get no answers.
  void claimed.then(keepOpenPages).catch(() => undefined);
});

/** Keep pages that were opened before there was a worker: the first visit may be the last one with a line. */
async function keepOpenPages(): Promise<void> {
  for (const { url } of await worker.clients.matchAll()) {
    const key = keyOf(url);
    if (isFile(url) || (await keptOf(key))) continue;
    // JupyterHub asks a key of each request that a script makes, but for this mode.
    const answer = await fetch(key, { mode: "no-cors" });
    if (answer.ok && !answer.redirected) await (await caches.open(CACHE)).put(key, answer);
  }
}

/** A page's name in the cache: its address without the part that is shown. */
function keyOf(url: string): string {
  return url.split(/[?#]/)[0] ?? url;
}

/**
 * A cache of an older version goes when it has no lab's page any more that is in no newer one.
 *
 * Until then it stays whole: a page names the script that it was made for, and somebody may be without a line right
 * after an update, or in a tab that was open before it.
 */
async function forgetOld(): Promise<void> {
  const now = await caches.open(CACHE);
  for (const name of await olderCaches()) {
    const old = await caches.open(name);
    let left = 0;
    for (const request of await old.keys()) {
      if (isFile(request.url)) continue;
      if (await now.match(request)) await old.delete(request);
      else left += 1;
    }
    if (!left) await caches.delete(name);
  }
}

/** Names of the desk's caches, in the order in which they were made. */
async function deskCaches(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith("isomo-desk-"));
}

/** Caches made before this version's; a newer worker may be filling one that was made after it. */
async function olderCaches(): Promise<string[]> {
  const names = await deskCaches();
  return names.slice(0, Math.max(names.indexOf(CACHE), 0));
}

function isFile(url: string): boolean {
  return new URL(url).pathname.includes("/-/");
}

/** Return what is kept under a name: by this version, else by the newest of the others. */
async function keptOf(key: string): Promise<Response | undefined> {
  for (const name of [CACHE, ...(await deskCaches()).reverse()]) {
    const kept = await (await caches.open(name)).match(key);
    if (kept) return kept;
  }
  return undefined;
}

worker.addEventListener("fetch", (event) => {
  const request = event.request;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET" || !path.includes("/desk/")) return;
  if (path.includes("/desk/-/static/") || (SHARED && request.url.includes(`${SHARED}/`))) event.respondWith(cacheFirst(request));
  else if (request.mode === "navigate") event.respondWith(networkFirst(request));
});

async function cacheFirst(request: Request): Promise<Response> {
  const key = `static/${new URL(request.url).pathname.split("/").pop()}`;
  const kept = await keptOf(key);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(CACHE)).put(key, answer.clone());
  return answer;
}

async function networkFirst(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const key = keyOf(request.url);
  const asked = fetch(request).then(async (answer) => {
    if (answer.ok && !answer.redirected) await cache.put(key, answer.clone()).then(() => void forgetOld());
    // Signed out, here or elsewhere: the next person at this computer finds no lab of somebody else's.
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) await forgetPage(key);
    return answer;
  });
  const kept = await keptOf(key);
  if (!kept) return asked;
  // A half-open line never answers; what was kept is better than waiting for it.
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), PATIENCE));
  const answer = await Promise.race([asked.catch(() => undefined), late]);
  return answer && answer.status < 500 ? answer : asKept(kept);
}

/** Forget a page, in whichever version's cache it is. */
async function forgetPage(key: string): Promise<void> {
  for (const name of await deskCaches()) await (await caches.open(name)).delete(key);
}

/** Return a kept page with a mark, by which its script knows that it may be older than what the server has. */
async function asKept(page: Response): Promise<Response> {
  const headers = new Headers(page.headers);
  // The text is not compressed any more.
  for (const name of ["Content-Encoding", "Content-Length"]) headers.delete(name);
  const text = (await page.text()).replace('<script id="desk-config"', '$& data-kept="true"');
  return new Response(text, { status: page.status, headers });
}
