/** The scores of a session's noise floor, computed as it is measured in turns that leave the extension host time for others. */
import type { NoiseFloorCompletion } from '../../analysis/noise-floor.js';
import { NOISE } from '../../audit/passes.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { runInSlices, type Steps } from '../../text/slices.js';
import { HOST_SLICING } from '../../runner/in-slices.js';

export class NoiseFloorScores {
  readonly #known: NoiseFloorCompletion[] = [];
  #scoring = false;

  constructor(private readonly session: Pick<AuditSession, 'recordsOf' | 'analysis'>) {}

  get known(): readonly NoiseFloorCompletion[] {
    return this.#known;
  }

  /** Scores what is new; answers whether something was. One call at a time does it; after a failure none does. */
  async scoreNew(closed: AbortSignal): Promise<boolean> {
    if (this.#scoring || this.#known.length === this.session.recordsOf(NOISE).length) return false;
    this.#scoring = true;
    await runInSlices(this.#score(), { ...HOST_SLICING, isWanted: () => !closed.aborted });
    this.#scoring = false;
    return true;
  }

  *#score(): Steps<void> {
    for (let record; (record = this.session.recordsOf(NOISE)[this.#known.length]); yield) {
      const { framing, scores } = this.session.analysis.figuresOf(record);
      this.#known.push({ framing, scores });
    }
  }
}
