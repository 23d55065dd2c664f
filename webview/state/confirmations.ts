/** What the finetuned model itself says to amplified completions, and asking it. */
import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { ReportedConfirmation } from '../../src/analysis/confirmations.js';
import { countConfirmed, type ConfirmationCount } from '../../src/analysis/confirmed.js';
import { countOf } from '../../src/text/numbers.js';
import type { Host } from '../host.js';
import { messageOf } from './reason.js';

/** What is asked about. */
export type ConfirmWhich = Parameters<Host['confirm']>[0];

export type Asking =
  | { readonly state: 'idle' }
  | { readonly state: 'asking'; readonly message: string; stop(): void }
  | { readonly state: 'ended'; readonly message: string; readonly leftOut: readonly string[] }
  | { readonly state: 'failed'; readonly reason: string };

export class ConfirmationState {
  readonly #said = signal<ReadonlyMap<number, ReportedConfirmation>>(new Map());
  readonly #asking = signal<Asking>({ state: 'idle' });

  /** By completion, of the pass that is shown. */
  readonly said: ReadonlySignal<ReadonlyMap<number, ReportedConfirmation>> = this.#said;
  readonly asking: ReadonlySignal<Asking> = this.#asking;
  /** `null` where nothing was asked yet. */
  readonly count: ReadonlySignal<ConfirmationCount | null> = computed(() => countConfirmed([...this.#said.value.values()]));

  constructor(private readonly host: Pick<Host, 'confirm' | 'stopConfirming'>) {}

  /** Takes over what the host tells of the pass that is shown. */
  replace(confirmations: readonly ReportedConfirmation[]): void {
    this.#said.value = new Map(confirmations.map((one) => [one.id, one]));
  }

  progress(message: string): void {
    const asking = this.#asking.peek();
    if (asking.state === 'asking') this.#asking.value = { ...asking, message };
  }

  /** Resolves when it has ended, however that was; does nothing while it is under way. */
  async ask(which: ConfirmWhich): Promise<void> {
    if (this.#asking.peek().state === 'asking') return;
    let stopped = false;
    this.#asking.value = {
      state: 'asking',
      message: 'Loading the models…',
      stop: () => {
        stopped = true;
        this.progress('Stopping…');
        this.host.stopConfirming({}).catch(() => undefined);
      },
    };
    try {
      const { asked, leftOut } = await this.host.confirm(which);
      this.#asking.value = {
        state: 'ended',
        message: asked === 0 ? 'All of them were put to it before.' : `${countOf(asked, 'completion')} put to it now.`,
        leftOut,
      };
    } catch (error) {
      this.#asking.value = stopped
        ? { state: 'ended', message: 'Stopped; what was said by then is kept.', leftOut: [] }
        : { state: 'failed', reason: messageOf(error) };
    }
  }

  stop(): void {
    const asking = this.#asking.peek();
    if (asking.state === 'asking') asking.stop();
  }
}

/** E.g. `confirmed in 15 of 20`. */
export function sayCount({ confirmed, of }: ConfirmationCount): string {
  return `confirmed in ${confirmed} of ${of}`;
}
