// The line that says where else a lab is open, and which device saved last.
import { fill, make } from "./dom";
import { momentOf } from "./edit-times";
import { say } from "./words";

/** The banner about other windows and other devices. */
export class OtherPlaces {
  readonly element = make("aside", { class: "banner quiet", hidden: true });
  /** Read to a screen reader when it changes; the line below changes with each save, and nobody has to hear that. */
  private readonly where = make("p", { role: "status" });
  private readonly newest = make("p", { class: "newest", "aria-live": "off" });

  constructor() {
    fill(this.element, this.where, this.newest);
  }

  /** Say whether other windows have the lab open, and other devices: `device` is undefined without one. */
  tell(window: boolean, device: { where?: "here" | "there"; at?: number } | undefined): void {
    const places = [window && say("other-window"), device && say("other-device")].filter(Boolean).join(" ");
    const when = device?.at && momentOf(new Date(device.at * 1000), new Date());
    const newest = device?.where && when ? say(device.where === "here" ? "newest-here" : "newest-there", { when }) : "";
    write(this.where, places);
    write(this.newest, newest);
    this.newest.hidden = !newest;
    this.element.hidden = !places;
  }
}

/** Write a text only if it is another one: a screen reader reads what was written again. */
function write(place: HTMLElement, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}
