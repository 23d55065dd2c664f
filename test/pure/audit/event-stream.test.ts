import { describe, expect, it } from 'vitest';
import { streamEvents } from '../../../src/audit/event-stream.js';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const signal = new AbortController().signal;

describe('streamEvents', () => {
  it('yields what is emitted, at once and later, and ends with the work', async () => {
    const seen: number[] = [];
    const stream = streamEvents<number>(async (emit) => {
      emit(1);
      emit(2);
      await pause();
      emit(3);
    }, signal);
    for await (const event of stream) seen.push(event);
    expect(seen).toEqual([1, 2, 3]);
  });

  it('throws what the work throws, after its last event', async () => {
    const seen: number[] = [];
    const take = async (): Promise<void> => {
      for await (const event of streamEvents<number>(async (emit) => {
        emit(1);
        await pause();
        throw new Error('out of memory');
      }, signal))
        seen.push(event);
    };
    await expect(take()).rejects.toThrow('out of memory');
    expect(seen).toEqual([1]);
  });

  it('hands an abort on to the work', async () => {
    const controller = new AbortController();
    const reasons: unknown[] = [];
    const take = async (): Promise<void> => {
      for await (const event of streamEvents<string>(async (emit, workSignal) => {
        emit('begun');
        while (!workSignal.aborted) await pause();
        reasons.push(workSignal.reason);
      }, controller.signal)) {
        expect(event).toBe('begun');
        controller.abort('enough');
      }
    };
    await take();
    expect(reasons).toEqual(['enough']);
  });

  it('aborts the work when nobody listens any more, and waits for its end', async () => {
    let ended = false;
    for await (const event of streamEvents<string>(async (emit, workSignal) => {
      emit('begun');
      while (!workSignal.aborted) await pause();
      await pause();
      ended = true;
    }, signal)) {
      expect(event).toBe('begun');
      break;
    }
    expect(ended).toBe(true);
  });

  it('begins the work when the first report is asked for, and not before', async () => {
    let begun = false;
    const stream = streamEvents<number>(async (emit) => {
      begun = true;
      emit(1);
      await pause();
    }, signal);
    await pause();
    expect(begun).toBe(false);
    expect(await stream.next()).toEqual({ value: 1, done: false });
    expect(begun).toBe(true);
    await stream.return();
  });

  it('keeps all that is reported to a slow consumer, in order, also when the work has long ended', async () => {
    const count = 1000;
    let ended = false;
    const seen: number[] = [];
    for await (const event of streamEvents<number>(async (emit) => {
      for (let i = 0; i < count; i++) emit(i);
      await pause();
      ended = true;
    }, signal)) {
      if (seen.length === 1) while (!ended) await pause();
      seen.push(event);
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => i));
  });

  it('gives a work that is aborted before it begins an aborted signal', async () => {
    const stream = streamEvents<never>(
      async (_emit, workSignal) => {
        await pause();
        workSignal.throwIfAborted();
      },
      AbortSignal.abort(new Error('too late')),
    );
    await expect(stream.next()).rejects.toThrow('too late');
  });
});
