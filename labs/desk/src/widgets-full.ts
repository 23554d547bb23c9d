// The whole widget library: sliders, boxes, tabs and all others of ipywidgets. Loaded when the first of them appears.
import * as base from "@jupyter-widgets/base";
import { ManagerBase } from "@jupyter-widgets/base-manager";
import * as controls from "@jupyter-widgets/controls";
import type { IComm } from "@jupyterlab/services/lib/kernel/kernel";
import type { ICommOpenMsg } from "@jupyterlab/services/lib/kernel/messages";
import { Widget } from "@lumino/widgets";
import type { Connection } from "./kernel";
import { type ModuleModel, drawModule } from "./modules";

const shims = base.shims.services;
type ClassicComm = base.IClassicComm;

class AnyModel extends base.DOMWidgetModel {
  override defaults(): Record<string, unknown> {
    return { ...super.defaults(), _model_module: "anywidget", _view_module: "anywidget" };
  }
}

class AnyView extends base.DOMWidgetView {
  override render(): void {
    super.render();
    void drawModule(this.model as unknown as ModuleModel, this.el as HTMLElement);
  }
}

const MODULES: Record<string, Record<string, unknown>> = {
  "@jupyter-widgets/base": base as unknown as Record<string, unknown>,
  "@jupyter-widgets/controls": controls as unknown as Record<string, unknown>,
  anywidget: { AnyModel, AnyView },
};
let styled = false;

/** The library's manager, for one kernel. */
export class FullManager extends ManagerBase {
  private constructor(
    private readonly connection: Connection,
    private readonly comms: Map<string, IComm>,
  ) {
    super();
  }

  /** Make a manager that knows the widgets which the kernel has already. */
  static async begin(connection: Connection, comms: Map<string, IComm>): Promise<FullManager> {
    if (!styled) {
      styled = true;
      const style = document.createElement("style");
      style.textContent = WIDGET_STYLE;
      document.head.append(style);
    }
    const made = new FullManager(connection, comms);
    await made._loadFromKernel();
    return made;
  }

  /** A widget that the kernel makes now. */
  async opened(comm: IComm, message: ICommOpenMsg): Promise<void> {
    if (this.has_model(comm.commId)) return;
    await this.handle_comm_open(new shims.Comm(comm as never) as ClassicComm, message as never);
  }

  /** Draw a widget. */
  async show(id: string, place: HTMLElement): Promise<void> {
    const model = await this.get_model(id);
    const view = await this.create_view(model as base.DOMWidgetModel);
    Widget.attach(view.luminoWidget, place);
  }

  protected override async loadClass(name: string, module: string): Promise<never> {
    const found = MODULES[module]?.[name];
    if (!found) throw new Error(`There is no ${name} in ${module}.`);
    return found as never;
  }

  protected async _create_comm(
    target: string,
    id: string,
    data?: unknown,
    metadata?: unknown,
  ): Promise<ClassicComm> {
    const comm = this.comms.get(id) ?? this.connection.createComm(target, id);
    this.comms.set(id, comm);
    if (data || metadata) comm.open(data as never, metadata as never);
    return new shims.Comm(comm as never) as ClassicComm;
  }

  protected async _get_comm_info(): Promise<Record<string, never>> {
    const reply = await this.connection.requestCommInfo({ target_name: this.comm_target_name });
    return reply.content.status === "ok" ? (reply.content.comms as Record<string, never>) : {};
  }
}
