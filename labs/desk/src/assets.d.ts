declare const WIDGET_STYLE: string;
declare const DESK_VERSION: string;
declare const DESK_FILES: string[];
declare module "*.css";
declare module "*/form.js" {
  const form: { render(given: { model: unknown; el: HTMLElement }): void };
  export default form;
}
declare module "temml" {
  const temml: { render(source: string, place: HTMLElement, options: Record<string, unknown>): void };
  export default temml;
}
