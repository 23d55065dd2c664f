/** Asks all requests of a wave at once and gives their answers as they come. The pool bounds how many are under way. */
import { isCancelled, throwIfCancelled } from '../../audit/errors.js';
import { streamEvents } from '../../audit/event-stream.js';
import type { SetAside } from '../../audit/language-model.js';
import type { EndpointDesk } from './endpoint-desk.js';
import type { Stops } from './dialects/stops.js';

/**
 * A request that fails is set aside. What concerns all of them ends the wave: nothing more is asked then, but what is in flight
 * is waited for and given out, since it is paid for, before the failure is thrown. Whoever cancels, or stops taking the
 * answers, gives up what is in flight too.
 * @throws AuditError
 */
export function answerWave<Request extends { readonly id: number }, Answer>(
  wave: readonly Request[],
  answer: (request: Request, stops: Stops) => Promise<Answer>,
  desk: EndpointDesk,
  signal: AbortSignal,
): AsyncGenerator<Answer | SetAside, void, undefined> {
  return streamEvents(async (emit, stop) => {
    throwIfCancelled(stop);
    const left = new AbortController();
    const closing = new AbortController();
    const stops: Stops = { signal: AbortSignal.any([stop, left.signal]), closing: closing.signal };
    let failure: { readonly error: unknown } | undefined;
    const ask = async (request: Request): Promise<void> => {
      try {
        const given = await answer(request, stops);
        desk.noteAnswered();
        emit(given);
      } catch (error) {
        try {
          if (failure === undefined) emit(desk.setAside(request.id, error));
        } catch (fatal) {
          failure = { error: fatal };
          if (isCancelled(fatal)) left.abort();
          else closing.abort();
        }
      }
    };
    await Promise.all(wave.map(ask));
    if (failure) throw (failure as { readonly error: unknown }).error;
  }, signal);
}
