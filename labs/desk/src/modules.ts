// Widgets that bring their own module of JavaScript (anywidget): the module is loaded once, however many widgets use it.

/** What a widget's module may use of its model. */
export interface ModuleModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(name: string, what: (...words: unknown[]) => void): void;
  off(name?: string | null, what?: ((...words: unknown[]) => void) | null): void;
  send(content: unknown, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
}

type Cleanup = void | (() => void);
interface WidgetModule {
  render?(given: { model: ModuleModel; el: HTMLElement }): Cleanup | Promise<Cleanup>;
  initialize?(given: { model: ModuleModel }): Cleanup | Promise<Cleanup>;
}

const LOADED = new Map<string, Promise<WidgetModule>>();
const STYLED = new Set<string>();

async function load(source: string): Promise<WidgetModule> {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    const found = (await import(/* @vite-ignore */ address)) as { default?: WidgetModule | (() => WidgetModule) };
    const made = found.default;
    return typeof made === "function" ? made() : (made ?? (found as WidgetModule));
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** Draw a widget by its own module. */
export async function drawModule(model: ModuleModel, place: HTMLElement): Promise<void> {
  const source = String(model.get("_esm") ?? "");
  const style = String(model.get("_css") ?? "");
  if (style && !STYLED.has(style)) {
    STYLED.add(style);
    const made = document.createElement("style");
    made.textContent = style;
    document.head.append(made);
  }
  let loading = LOADED.get(source);
  if (!loading) LOADED.set(source, (loading = load(source)));
  const found = await loading;
  await found.initialize?.({ model });
  await found.render?.({ model, el: place });
}
