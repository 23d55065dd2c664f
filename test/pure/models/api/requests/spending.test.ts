/** What a run may spend, and what it is said to have spent. */
import { describe, expect, it } from 'vitest';
import { AuditError } from '../../../../../src/audit/errors.js';
import { AccountBook, formatAccount, type RequestAccount } from '../../../../../src/models/api/transport/account.js';
import { TokenBudget } from '../../../../../src/models/api/transport/token-budget.js';
import { TestClock } from './test-clock.js';

describe('a limit on tokens', () => {
  it('counts what is used and what requests under way may need', () => {
    const budget = new TokenBudget(1000);
    const first = budget.reserve(400);
    const second = budget.reserve(600);
    expect(() => budget.reserve(1)).toThrow(AuditError);
    budget.settle(first, 150);
    expect(budget.used).toBe(150);
    const third = budget.reserve(250);
    budget.settle(second, 600);
    budget.settle(third, 0);
    expect(budget.used).toBe(750);
    budget.reserve(250);
    expect(() => budget.reserve(1)).toThrow(/1,000/);
  });

  it('says the limit, what was used and how to go on', () => {
    const budget = new TokenBudget(5000, 4900);
    let error: unknown;
    try {
      budget.reserve(200);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'spendingLimit' });
    expect((error as Error).message).toMatch(/5,000.*4,900.*200.*raise the limit/);
  });

  it('settles a reservation once', () => {
    const budget = new TokenBudget(100);
    const reservation = budget.reserve(100);
    budget.settle(reservation, 40);
    budget.settle(reservation, 40);
    expect(budget.used).toBe(40);
    expect(() => budget.reserve(61)).toThrow(AuditError);
    expect(() => budget.reserve(60)).not.toThrow();
  });

  it('need not be one', () => {
    const budget = TokenBudget.unlimited();
    budget.settle(budget.reserve(1e12), 1e12);
    expect(budget.used).toBe(1e12);
    expect(budget.limit).toBe(Infinity);
    expect(() => budget.reserve(1e12)).not.toThrow();
  });
});

describe('an account', () => {
  it('counts the time in which at least one request waits, not the sum', async () => {
    const clock = new TestClock();
    const book = new AccountBook(clock);
    const pass = (ms: number): Promise<void> => clock.drive(clock.sleep(ms, new AbortController().signal));
    const endFirst = book.beginWait();
    await pass(100);
    const endSecond = book.beginWait();
    await pass(100);
    endFirst();
    endFirst();
    await pass(100);
    expect(book.snapshot().waitedMs).toBe(300);
    endSecond();
    await pass(1000);
    expect(book.snapshot().waitedMs).toBe(300);
  });

  it('is one line for people', () => {
    const account: RequestAccount = { asked: 1204, answered: 1203, retried: 12, givenUp: 1, promptTokens: 45_210, completionTokens: 98_771, waitedMs: 42_300 };
    expect(formatAccount(account)).toBe('1,204 requests (12 tried again, 1 given up), 45,210 tokens read, 98,771 written, waited 42 s');
    const quiet = { ...account, asked: 1, retried: 0, givenUp: 0, waitedMs: 0 };
    expect(formatAccount(quiet)).toBe('1 request, 45,210 tokens read, 98,771 written');
    expect(formatAccount({ ...account, waitedMs: 600_000 })).toMatch(/waited 10 min$/);
  });

  it('gathers tokens', () => {
    const book = new AccountBook(new TestClock());
    book.addTokens(10, 3);
    book.addTokens(5, 0);
    expect(book.snapshot()).toMatchObject({ promptTokens: 15, completionTokens: 3 });
  });
});
