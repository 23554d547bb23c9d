// Drafts in memory alone: for browsers that store nothing, and for tests.
import type { Draft, DraftStore, WaitingHandIn } from "./drafts";

export class MemoryDrafts implements DraftStore {
  readonly lasting = false;
  readonly drafts = new Map<string, Draft>();
  readonly handins = new Map<string, WaitingHandIn>();

  async put(draft: Draft): Promise<void> {
    this.drafts.set(draft.key, structuredClone(draft));
  }

  async remove(key: string): Promise<void> {
    this.drafts.delete(key);
  }

  async of(lab: string): Promise<Draft[]> {
    return [...this.drafts.values()].filter((draft) => draft.lab === lab);
  }

  async all(): Promise<Draft[]> {
    return [...this.drafts.values()];
  }

  async allHandIns(): Promise<WaitingHandIn[]> {
    return [...this.handins.values()];
  }

  async putHandIn(waiting: WaitingHandIn): Promise<void> {
    this.handins.set(waiting.lab, waiting);
  }

  async handIn(lab: string): Promise<WaitingHandIn | undefined> {
    return this.handins.get(lab);
  }

  async removeHandIn(lab: string): Promise<void> {
    this.handins.delete(lab);
  }
}
