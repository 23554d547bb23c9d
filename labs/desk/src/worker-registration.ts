// Registers the service worker of worker.ts, which keeps files and the lab's text, so that the page opens without a line.
import type { Config } from "./types";

/** Have the worker; `updated` is called once when a newer Isomo is there. Without a secure address there is none. */
export function watchWorker(config: Config, updated: () => void): void {
  if (!("serviceWorker" in navigator)) return;
  const scope = `${config.base}desk/`;
  const had = Boolean(navigator.serviceWorker.controller);
  void navigator.serviceWorker.register(`${scope}-/worker.js?files=${encodeURIComponent(config.files)}`, { scope }).then(
    (found) => {
      found.addEventListener("updatefound", () => {
        found.installing?.addEventListener("statechange", (event) => {
          if (had && (event.target as ServiceWorker).state === "activated") updated();
        });
      });
    },
    () => undefined,
  );
}
