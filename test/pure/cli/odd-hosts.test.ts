/** A plan of somebody else's names servers in odd ways: what was named for one host allows no other, and nothing is read as less than it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBaseUrl, PLAN_DEFAULTS, type AuditPlan } from '../../../src/audit/plan.js';
import { agreeToRun } from '../../../src/cli/consent.js';
import { isLoopback } from '../../../src/models/api/transport/loopback.js';
import { AgreedServers, isUnencrypted } from '../../../src/models/api/transport/server-access.js';
import { listPlanProblems } from '../../../src/records/plan/plan-file.js';
import { checkEndpoints } from '../../../src/runner/servers/check-endpoints.js';
import { listAccess, listDestinations } from '../../../src/runner/servers/destinations.js';

const at = (endpoint: string) => ({ endpoint, model: 'm' });
const plan = (endpoint: string): AuditPlan => ({ ...PLAN_DEFAULTS, name: 'sent', finetuned: at(endpoint), reference: at(endpoint), corpus: [] });
const run = (endpoint: string, allowServer: string[]) => agreeToRun(plan(endpoint), { folder: '/sent/audit', drawsOpenings: false }, { allowServer }, null);

/** [address in the plan, what was allowed] */
const OTHERS: readonly (readonly [string, string])[] = [
  ['http://127.0.0.1.evil.example/v1', '127.0.0.1'],
  ['http://good.example.evil.example/v1', 'good.example'],
  ['http://good.example./v1', 'good.example'],
  ['http://xn--gd-fka.example/v1', 'good.example'],
  ['http://gооd.example/v1', 'good.example'],
  ['http://good.example:8443/v1', 'good.example'],
  ['http://good.example:80/v1', 'good.example:443'],
  ['http://[::ffff:7f00:1]/v1', '127.0.0.1'],
  ['http://[::2]/v1', '[::1]'],
  ['http://evil.example/good.example', 'good.example'],
  ['http://evil.example/http://good.example', 'http://good.example'],
  ['http://evil.example\\.good.example/v1', 'good.example'],
  ['http://good.example/v1', 'https://good.example'],
  ['http://evil.example/v1', ''],
  ['http://evil.example/v1', '*'],
  ['http://evil.example/v1', 'example'],
];
/** Spellings of one host. */
const SAME: readonly (readonly [string, string])[] = [
  ['http://GOOD.example/v1', 'good.EXAMPLE'],
  ['http://good.example:80/v1', 'good.example'],
  ['https://good.example/v1', 'good.example:443'],
  ['http://2130706433:8000/v1', '127.0.0.1:8000'],
  ['http://0x7f.1:8000/v1', '127.0.0.1:8000'],
  ['http://[0:0:0:0:0:0:0:1]:8000/v1', '[::1]:8000'],
  ['http://good。example/v1', 'good.example'],
];
const NONE = [
  'http://good.example@evil.example/v1',
  'http://u:p@evil.example/v1',
  'http://[fe80::1%25eth0]/v1',
  'http://327.0.0.1:8000/v1',
  'http://[::1/v1',
  'http://good.example:99999/v1',
  'http://a b/v1',
  'http://%00/v1',
  'http://',
  'http://h?x',
  'http://h#x',
  '//evil.example/v1',
  'javascript:alert(1)',
  'http://xn--a/v1',
  'http:\\\\evil.example\\good.example',
];

describe('a server of a plan that was sent', () => {
  it.each(OTHERS)('%s is not allowed by %s', async (endpoint, allowed) => {
    await expect(run(endpoint, [allowed])).rejects.toMatchObject({ code: 'notAgreed' });
  });

  it.each(SAME)('%s is allowed by %s', async (endpoint, allowed) => {
    const { agreed } = await run(endpoint, [allowed]);
    expect(agreed.has(at(endpoint), 'audit')).toBe(true);
    expect(agreed.has(at('http://evil.example/v1'), 'audit')).toBe(false);
  });

  it.each(NONE)('is none: %s', async (endpoint) => {
    await expect(run(endpoint, [endpoint])).rejects.toMatchObject({ code: 'badPlan' });
    const text = JSON.stringify({ finetuned: at(endpoint), reference: at(endpoint), corpus: 'bundled:demo', framings: ['raw'] });
    expect(
      listPlanProblems(text, '/x/a.audit-plan.json')
        .map(({ message }) => message)
        .join(' '),
    ).toContain('base URL');
  });

  it('is this machine only where its name can mean nothing else', () => {
    const hosts = (list: readonly string[]) => list.map((host) => isLoopback(new URL(`http://${host}/`).hostname));
    expect(hosts(['localhost', 'LOCALHOST', 'a.localhost', 'localhost.', '127.1', '2130706433', '0x7f000001', '[::1]', '[0::1]'])).not.toContain(false);
    expect(
      hosts([
        '0.0.0.0',
        '0',
        '[::]',
        '[::ffff:127.0.0.1]',
        'localhost.evil.example',
        'notlocalhost',
        'localhost-.example',
        '128.0.0.1',
        '127.0.0.1.nip.example',
        '[fe80::1]',
        'lоcalhost',
      ]),
    ).not.toContain(true);
    expect(isUnencrypted(at('http://0.0.0.0/v1'))).toBe(true);
  });
});

it('whatever stands in the place of an address, in a journal too, is shown as it is and asked by nobody', () => {
  const texts = fc.oneof(
    fc.constantFrom(...NONE, ...OTHERS.map(([endpoint]) => endpoint), 'localhost', ''),
    fc.string({ unit: 'grapheme' }),
    fc.string().map((text) => `http://${text}/v1`),
    fc.webUrl(),
  );
  fc.assert(
    fc.property(texts, (endpoint) => {
      const [destination] = listDestinations(plan(endpoint));
      const [access] = listAccess(plan(endpoint));
      expect(access!.host).toBe(destination!.host);
      if (!isBaseUrl(endpoint)) expect(() => checkEndpoints(plan(endpoint))).toThrow(expect.objectContaining({ code: 'badPlan' }));
      if (!URL.canParse(endpoint)) expect(access).toMatchObject({ host: endpoint, isLocal: false, isUnencrypted: true });
      expect(() => new AgreedServers().require(at(endpoint))).toThrow(expect.objectContaining({ code: 'notAgreed' }));
    }),
    { numRuns: 500 },
  );
});
