import { describe, expect, it } from 'vitest';
import { AuditError, reasonOf } from '../../../src/audit/errors.js';
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
