/** The whole test of a server as a Markdown document. */
import { l10n } from 'vscode';
import { FRAMINGS } from '../audit/framing.js';
import type { EndpointSource } from '../audit/plan.js';
import type { ProbeLine } from '../models/api/endpoint-profile.js';
import { hostOf } from './endpoint-address.js';
import type { EndpointVerdict } from './endpoint-verdict.js';
import { escapeMarkdown } from '../records/report/markdown-text.js';
import { makeTable } from './markdown.js';

export function describeReport(source: EndpointSource, verdict: EndpointVerdict): string {
  const { profile, finetuned, reference, framings } = verdict;
  const { server, servedAs } = profile;
  const version = [server.name, server.version].filter((part) => part !== null && part !== '').join(' ');
  const facts = [
    l10n.t('Address: {0}', source.endpoint),
    ...(version === '' ? [] : [l10n.t('Server: {0}', version)]),
    ...(servedAs !== null && servedAs !== source.model ? [l10n.t('It answers as {0}', servedAs)] : []),
  ];
  return [
    `# ${escapeMarkdown(l10n.t('{0} at {1}', source.model, hostOf(source)))}`,
    facts.map(escapeMarkdown).join('  \n'),
    `## ${l10n.t('Audits that this server allows')}`,
    makeTable(
      [l10n.t('Part'), l10n.t('Possible')],
      [
        [l10n.t('Finetuned model'), finetuned === null ? yes() : no(`${finetuned.reason} ${finetuned.advice}`)],
        [l10n.t('Reference model'), reference === null ? yes() : no(`${reference.reason} ${reference.advice}`)],
        ...FRAMINGS.map((framing) => [l10n.t('Framing {0}', framing), framings[framing] === null ? yes() : no(framings[framing])]),
      ],
    ),
    `## ${l10n.t('Requests of the test')}`,
    makeTable([l10n.t('Question'), l10n.t('Answer'), l10n.t('Meaning')], profile.lines.map(describeLine)),
    '',
  ].join('\n\n');
}

function describeLine({ question, answer, good, meaning }: ProbeLine): string[] {
  const sign = good === null ? '' : good ? '✓ ' : '✗ ';
  return [escapeMarkdown(question), sign + escapeMarkdown(answer), escapeMarkdown(meaning)];
}

function yes(): string {
  return `✓ ${l10n.t('yes')}`;
}

function no(reason: string): string {
  return `✗ ${l10n.t('no: {0}', escapeMarkdown(reason))}`;
}
