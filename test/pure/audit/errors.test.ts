import { describe, expect, it } from 'vitest';
import { AuditError, boundMessage, isCancelled, reasonOf, throwIfCancelled } from '../../../src/audit/errors.js';
import { EndpointError } from '../../../src/models/api/transport/endpoint-error.js';
import { listPlanProblems } from '../../../src/records/plan/plan-file.js';
import { describeUnreadable } from '../../../src/records/tables/unreadable.js';

describe('a message', () => {
  const long = `It says “${'🦙x'.repeat(50_000)}”. Choose another file.`;

  it('of any length keeps its beginning and the way out', () => {
    for (const { message } of [new AuditError('badJournal', long), new EndpointError({ kind: 'badAnswer', message: long })]) {
      expect(message.length).toBeLessThanOrEqual(4000);
      expect(message).toMatch(/^It says “🦙x.* … .*x”\. Choose another file\.$/u);
      expect(() => encodeURIComponent(message)).not.toThrow();
    }
    expect(new AuditError('badJournal', 'Short.').message).toBe('Short.');
  });

  it('about a plan is bounded, too', () => {
    for (const text of [`"${','.repeat(50_000)}`, JSON.stringify({ [`x${'y'.repeat(50_000)}`]: 1 })]) {
      for (const { message } of listPlanProblems(text, '/a.audit-plan.json')) expect(message.length).toBeLessThanOrEqual(4000);
    }
  });

  it('quotes no error of the language', () => {
    expect(reasonOf(new TypeError("Cannot read properties of undefined (reading 'map')"))).toBeNull();
    expect(describeUnreadable(new RangeError('Invalid array length'))).toBe(
      'it is damaged, or in a form that is not read. Write it again, as JSON lines in UTF-8.',
    );
    expect(describeUnreadable(new Error('parquet unsupported encoding'))).toContain('(parquet unsupported encoding)');
  });
});

describe('a bounded message', () => {
  it('is itself up to 4000 characters, and loses its middle beyond', () => {
    expect(boundMessage('x'.repeat(4000))).toBe('x'.repeat(4000));
    expect(boundMessage('a'.repeat(3000) + 'b'.repeat(1001))).toBe(`${'a'.repeat(2997)} … ${'b'.repeat(1000)}`);
  });

  it('is cut between characters, and loses none that stands whole beside the cut', () => {
    const start = boundMessage(`${'a'.repeat(2996)}🦙${'b'.repeat(5000)}`);
    expect(start.startsWith(`${'a'.repeat(2996)} … b`)).toBe(true);
    const end = boundMessage(`${'a'.repeat(5000)}🦙${'b'.repeat(999)}`);
    expect(end.endsWith(`a … ${'b'.repeat(999)}`)).toBe(true);
    const inside = boundMessage(`${'a'.repeat(5000)}c🦙🦙${'b'.repeat(995)}`);
    expect(inside.endsWith(` … c🦙🦙${'b'.repeat(995)}`)).toBe(true);
  });
});

describe('a reason', () => {
  it('is an error’s message on one line, 200 characters of it at most', () => {
    expect(reasonOf(new Error('two\n\n  lines'))).toBe('two lines');
    expect(reasonOf(new Error('x'.repeat(300)))).toBe('x'.repeat(200));
    for (const none of ['text', null, new TypeError('a'), new RangeError('b'), new ReferenceError('c')]) expect(reasonOf(none)).toBeNull();
  });
});

describe('cancelling', () => {
  it('is an error of its own, with the signal’s reason', () => {
    expect(() => throwIfCancelled(undefined)).not.toThrow();
    expect(() => throwIfCancelled(new AbortController().signal)).not.toThrow();
    const reason = new Error('the window closes');
    let thrown: unknown;
    try {
      throwIfCancelled(AbortSignal.abort(reason));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: 'AuditError', code: 'cancelled', message: 'Cancelled.', cause: reason });
    expect(isCancelled(thrown)).toBe(true);
    for (const other of [new AuditError('internal', 'x'), reason, { code: 'cancelled' }, null]) expect(isCancelled(other)).toBe(false);
  });
});
