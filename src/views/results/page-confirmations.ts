/** Confirmation of amplified text, asked for on one results page and told to it. */
import { AuditError } from '../../audit/errors.js';
import { PLAIN } from '../../audit/passes.js';
import { listingConfirmations } from '../../analysis/confirmations.js';
import type { ConfirmAnswer } from '../../messages/confirmation.js';
import type { AnswersTo } from '../../messages/declare-request.js';
import type { PageRequests } from '../../messages/page-requests.js';
import type { PageListener } from '../../messages/page.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import { computeInSlices } from '../../runner/in-slices.js';
import type { ShownPass } from './shown-pass.js';

/** The best of each framing of a pass that were not put to plain F before; or one completion, also again. */
export interface ConfirmQuestion {
  readonly pass: string;
  readonly first?: number | undefined;
  readonly id?: number | undefined;
  /** Of one completion, in place of the one in its language: with `{words}` for the peak's words. */
  readonly question?: string | undefined;
}

export type AskConfirmation = (
  session: AuditSession,
  question: ConfirmQuestion,
  onProgress: (message: string) => void,
  signal: AbortSignal,
) => Promise<ConfirmAnswer>;

export interface ConfirmationSurroundings {
  readonly shown: Pick<ShownPass, 'name'>;
  /** Left out where no models can be run. */
  readonly confirm?: AskConfirmation;
  /** A failure is also shown to the user. */
  report<T>(task: () => Promise<T>): Promise<T>;
}

export class PageConfirmations {
  /** What was told last is newer than what is still computed for an earlier moment. */
  #pushes = 0;
  #stop = new AbortController();

  constructor(
    private readonly session: AuditSession,
    private readonly page: Pick<PageListener, 'onConfirmations' | 'onConfirmationProgress'>,
    private readonly surroundings: ConfirmationSurroundings,
  ) {}

  /** Tells what is known of the pass that is shown; the main one has none. @param closed aborted when nobody listens any longer */
  async push(closed: AbortSignal): Promise<void> {
    const { session, surroundings, page } = this;
    const pass = surroundings.shown.name;
    if (pass === PLAIN) return;
    const own = ++this.#pushes;
    const { confirmations, amplification } = session;
    const passes = new Map(session.passes.map((name) => [name, session.recordsOf(name)]));
    const listed = await computeInSlices(listingConfirmations({ passes, amplification, confirmations }, pass), closed);
    if (own === this.#pushes) page.onConfirmations({ pass, confirmations: listed });
  }

  answers() {
    const { session, page, surroundings } = this;
    const { confirm, shown } = surroundings;
    return {
      confirm: (question, signal) => {
        if (!confirm) throw new AuditError('refused', 'No models can be run here. Use finetune-auditor confirm in a terminal.');
        this.#stop = new AbortController();
        const { signal: stopped } = this.#stop;
        return surroundings.report(() =>
          confirm(session, { ...question, pass: shown.name }, (message) => page.onConfirmationProgress(message), AbortSignal.any([stopped, signal])),
        );
      },
      stopConfirming: () => {
        this.#stop.abort();
        return null;
      },
    } satisfies Partial<AnswersTo<PageRequests>>;
  }
}
