/** Asks all requests of a wave at once and gives their answers as they come. The pool bounds how many are under way. */
import { throwIfCancelled } from '../../audit/errors.js';
import type { SetAside } from '../../audit/language-model.js';
import type { EndpointDesk } from './endpoint-desk.js';

/**
 * A request that fails is set aside. What concerns all of them ends the wave: the others are given up then, as they are
 * when whoever takes the answers stops taking them.
 * @throws AuditError
 */
export async function* answerWave<Request extends { readonly id: number }, Answer>(
  wave: readonly Request[],
  answer: (request: Request, signal: AbortSignal) => Promise<Answer>,
  desk: EndpointDesk,
  signal: AbortSignal,
): AsyncGenerator<Answer | SetAside, void, void> {
  throwIfCancelled(signal);
  const left = new AbortController();
  const stop = AbortSignal.any([signal, left.signal]);
  const ready: (Answer | SetAside)[] = [];
  let failure: { readonly error: unknown } | undefined;
  let open = wave.length;
  let wake = (): void => undefined;
  const work = wave.map(async (request) => {
    try {
      const given = await answer(request, stop);
      desk.noteAnswered();
      ready.push(given);
    } catch (error) {
      try {
        if (failure === undefined) ready.push(desk.setAside(request.id, error));
      } catch (fatal) {
        failure ??= { error: fatal };
        left.abort();
      }
    } finally {
      open--;
      wake();
    }
  });
  try {
    for (;;) {
      while (ready.length > 0) yield ready.shift()!;
      if (failure) throw failure.error;
      if (open === 0) return;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    left.abort();
    await Promise.all(work);
  }
}
