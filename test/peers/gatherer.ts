/** Gathers the requests that wait for the engine into waves, as servers batch what comes in at the same time. */
import { AuditError } from '../../src/audit/errors.js';
import { isSetAside, type SetAside, type WaveOptions } from '../../src/audit/language-model.js';

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly signal: AbortSignal;
  readonly done: (result: Result) => void;
  readonly fail: (error: unknown) => void;
}

export class Gatherer<Request extends object, Result extends { readonly id: number }> {
  private readonly waiting: Waiting<Request, Result>[] = [];
  private running = false;

  constructor(
    private readonly waveSize: number,
    private readonly run: (wave: readonly (Request & { readonly id: number })[], options: WaveOptions) => AsyncIterable<Result | SetAside>,
  ) {}

  /** Rejects with `cancelled` as soon as the signal aborts; the wave goes on as long as anyone in it waits. */
  ask(request: Request, signal: AbortSignal): Promise<Result> {
    return new Promise((done, fail) => {
      const cancel = (): void => fail(new AuditError('cancelled', 'Cancelled.'));
      if (signal.aborted) return cancel();
      signal.addEventListener('abort', cancel, { once: true });
      this.waiting.push({ request, signal, done, fail });
      if (!this.running) void this.work();
    });
  }

  private async work(): Promise<void> {
    this.running = true;
    while (this.waiting.length > 0) {
      const wave = this.waiting.splice(0, this.waveSize).filter(({ signal }) => !signal.aborted);
      if (wave.length > 0) await this.answer(wave).catch((error: unknown) => wave.forEach(({ fail }) => fail(error)));
    }
    this.running = false;
  }

  private async answer(wave: readonly Waiting<Request, Result>[]): Promise<void> {
    const abandoned = new AbortController();
    const check = (): void => {
      if (wave.every(({ signal }) => signal.aborted)) abandoned.abort();
    };
    for (const { signal } of wave) signal.addEventListener('abort', check, { once: true });
    const numbered = wave.map(({ request }, id) => ({ ...request, id }));
    for await (const result of this.run(numbered, { signal: abandoned.signal })) {
      const { done, fail } = wave[result.id]!;
      if (isSetAside(result)) fail(new Error(result.setAside));
      else done(result);
    }
  }
}
