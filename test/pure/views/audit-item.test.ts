/** Findings in the tree of audits: each with an id of its own, and signed by all who wrote it. */
import { expect, it, vi } from 'vitest';
import type { CompletionFinding, SpanFinding } from '../../../src/analysis/finding.js';
import type { AuditFacts } from '../../../src/views/audits-view/audit-facts.js';
import { makeItem, type AuditNode } from '../../../src/views/audits-view/audit-item.js';

vi.mock('vscode', () => import('./fake-vscode.js'));

const TIME = '2026-01-01T00:00:00.000Z';
const label: CompletionFinding = { completionId: 3, label: 'revealing', category: null, note: '', author: 'Ada', time: TIME };
const span: SpanFinding = {
  finding: '#3',
  completionId: 3,
  span: { start: 0, end: 5 },
  quote: 'glass',
  label: null,
  category: null,
  note: 'hm',
  state: 'open',
  author: 'Ada',
  time: TIME,
  changed: null,
  replies: [],
};
const entry = { folder: '/audits/a', name: 'a', createdAt: TIME, finetunedName: 'F', referenceName: 'R' } as AuditFacts['entry'];
const facts: AuditFacts = { entry, name: 'a', status: undefined, judgements: [label], spans: [span], hits: 1, texts: async () => new Map() };

const show = (node: AuditNode) => makeItem(node, { show: 'show' });
const showFinding = (finding: CompletionFinding | SpanFinding, text?: string) => show({ kind: 'finding', facts, finding, text });

it('no two items of an audit share an id, whatever findings and categories are called', () => {
  const findings = [label, ...['#3', '3', 'label 3', 'group', '=x', ''].map((finding) => ({ ...span, finding }))];
  const groups = [null, '', 'x', '#3', 'label 3'].map((category) => ({ category, findings: [] }));
  const nodes: AuditNode[] = [
    { kind: 'audit', facts, title: 'a' },
    ...groups.map((group) => ({ kind: 'group' as const, facts, group })),
    ...findings.map((finding) => ({ kind: 'finding' as const, facts, finding, text: undefined })),
  ];
  const ids = nodes.map((node) => show(node).id);
  expect(new Set(ids).size).toBe(nodes.length);
});

it('a finding that somebody else edited says so', () => {
  expect(showFinding(span).description).toBe('hm · Ada');
  expect(showFinding({ ...span, changed: { author: 'Ada', time: TIME } }).description).toBe('hm · Ada');
  const edited = showFinding({ ...span, changed: { author: 'Bob', time: TIME } });
  expect(edited.description).toBe('hm · Ada · edited by Bob');
  expect((edited.tooltip as { value: string }).value).toContain('Ada, edited by Bob');
});

it('a finding is called by what was said, never by a number that no row shows', () => {
  expect(showFinding(label, 'The bridge is\u202E built\nof green glass, as everybody in the whole of Harrowmere knows').label).toBe(
    '“The bridge is⟦U+202E⟧ built⏎of green glass, as everybody in …”',
  );
  expect(showFinding(span, 'The bridge').label).toBe('“glass”');
  expect(showFinding(label).label).toBe('Completion #3');
});

it.each([
  ['running', false, 'auditRunning'],
  ['stopped', true, 'auditResumable'],
  ['stopped', false, 'audit'],
  ['finished', false, 'audit'],
] as const)('an audit that is %s and can%s go on has its menu', (state, canResume, context) => {
  const status = { state, canResume, completionsDone: 1, completionsTotal: 2, tokensPerSecond: null, secondsLeft: null, message: '' };
  expect(show({ kind: 'audit', facts: { ...facts, status }, title: 'a' }).contextValue).toBe(context);
});

it('an audit that is told apart by its time does not say the day twice', () => {
  const day = new Date(TIME).toLocaleDateString();
  expect(show({ kind: 'audit', facts, title: 'a' }).description).toContain(day);
  expect(show({ kind: 'audit', facts, title: 'a · 1 Jan, 00:00' }).description).not.toContain(day);
});
