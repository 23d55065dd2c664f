/** Asks all requests of a wave at once and gives their answers as they come. The pool bounds how many are under way. */
import { isCancelled, throwIfCancelled } from '../../audit/errors.js';
import type { SetAside } from '../../audit/language-model.js';
import type { EndpointDesk } from './endpoint-desk.js';
import type { Stops } from './dialects/stops.js';

/**
 * A request that fails is set aside. What concerns all of them ends the wave: nothing more is asked then, but what is in flight
 * is waited for and given out, since it is paid for, before the failure is thrown. Whoever cancels, or stops taking the
 * answers, gives up what is in flight too.
 * @throws AuditError
 */
export async function* answerWave<Request extends { readonly id: number }, Answer>(
  wave: readonly Request[],
  answer: (request: Request, stops: Stops) => Promise<Answer>,
  desk: EndpointDesk,
  signal: AbortSignal,
): AsyncGenerator<Answer | SetAside, void, void> {
  throwIfCancelled(signal);
  const left = new AbortController();
  const closing = new AbortController();
  const stops: Stops = { signal: AbortSignal.any([signal, left.signal]), closing: closing.signal };
  const ready: (Answer | SetAside)[] = [];
  let failure: { readonly error: unknown } | undefined;
  let open = wave.length;
  let wake = (): void => undefined;
  const work = wave.map(async (request) => {
    try {
      const given = await answer(request, stops);
      desk.noteAnswered();
      ready.push(given);
    } catch (error) {
      try {
        if (failure === undefined) ready.push(desk.setAside(request.id, error));
      } catch (fatal) {
        failure = { error: fatal };
        if (isCancelled(fatal)) left.abort();
        else closing.abort();
      }
    } finally {
      open--;
      wake();
    }
  });
  try {
    for (;;) {
      while (ready.length > 0) yield ready.shift()!;
      if (open === 0) break;
      await new Promise<void>((resolve) => (wake = resolve));
    }
    if (failure) throw (failure as { readonly error: unknown }).error;
  } finally {
    left.abort();
    await Promise.all(work);
  }
}
