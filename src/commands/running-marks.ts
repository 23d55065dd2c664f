/** Remembers which audits this window runs, so that one that a reload cut off is offered again. */
import type { Memory } from '../editor/memory.js';

const KEY = 'runningAudits';

export class RunningMarks {
  #closing = false;

  constructor(private readonly memory: Memory) {}

  /** Folders of audits that were running when the window closed, and are still marked. */
  list(): readonly string[] {
    return this.memory.get<string[]>(KEY) ?? [];
  }

  async add(folder: string): Promise<void> {
    await this.memory.update(KEY, [...this.list().filter((other) => other !== folder), folder]);
  }

  async remove(folder: string): Promise<void> {
    if (!this.#closing)
      await this.memory.update(
        KEY,
        this.list().filter((other) => other !== folder),
      );
  }

  /** The window closes: what ends from now on was cut off. */
  freeze(): void {
    this.#closing = true;
  }
}
