/** The passes of an audit as a report tells them: who wrote, how strongly amplified, and what came of it. */
import { explainState, measureRung, type AmplificationForm, type AmplificationState } from '../../audit/amplification.js';
import { AMPLIFIED, nameRungPass, readRungPass } from '../../audit/amplify-plan.js';
import type { CompletionRecord } from '../../audit/completion.js';
import { AuditError } from '../../audit/errors.js';
import { FRAMINGS, type Framing } from '../../audit/framing.js';
import { NOISE, PLAIN, recordsOf, REFERENCE } from '../../audit/passes.js';
import { countConfirmed, type ConfirmationCount } from '../../analysis/confirmed.js';
import { AuditAnalysis } from '../../analysis/audit-analysis.js';
import type { ReadAudit } from '../journal/audit-folder.js';
import type { AmplificationLine } from '../journal/amplification-line.js';
import { listConfirmations } from '../../analysis/confirmations.js';
import { countOf } from '../../text/numbers.js';
import type { ReportSource } from './report-source.js';
import { NO_FINDINGS } from './report-findings.js';

export interface PassAmplification {
  readonly form: AmplificationForm;
  /** Multiple of the adapter's own scale, k, or a. `null` of a list of several. */
  readonly strength: number | null;
  /** Seed of the random adapter that stands in the audited one's place; `null` where the audited one is amplified. */
  readonly controlSeed: number | null;
}

/** Who wrote a completion. */
export interface WrittenIn {
  readonly name: string;
  readonly writer: 'finetuned' | 'reference' | 'amplified';
  readonly amplification: PassAmplification | null;
}

export interface ReportedPass extends WrittenIn {
  readonly framings: readonly {
    readonly framing: Framing;
    readonly completions: number;
    /** Mean of the top tenth of standardised gaps, nats per √token. */
    readonly t: number | null;
    readonly repetitiveShare: number;
  }[];
}

type Passes = Pick<ReadAudit, 'records' | 'passes' | 'amplification'>;

/** Names of all passes of which there is a completion; the chosen rungs together are one of them. */
export function listPassNames(audit: Passes): string[] {
  const others = [...audit.passes.keys()].filter((name) => name !== PLAIN && recordsOf(audit, name).length > 0);
  return [PLAIN, ...(chosenRecords(audit).length > 0 ? [AMPLIFIED] : []), ...others];
}

/** @throws AuditError `badPlan` for a pass that the audit has not */
export function selectRecords(audit: Passes, name: string): readonly CompletionRecord[] {
  const names = listPassNames(audit);
  if (!names.includes(name)) throw new AuditError('badPlan', `This audit has no pass "${name}". It has: ${names.join(', ')}.`);
  if (name === PLAIN) return audit.records;
  return name === AMPLIFIED ? chosenRecords(audit) : recordsOf(audit, name);
}

/** In each framing what the chosen rung wrote. */
function chosenRecords(audit: Passes): CompletionRecord[] {
  return audit.amplification.flatMap(({ framing, chosen }) =>
    chosen === null ? [] : recordsOf(audit, nameRungPass(chosen)).filter((record) => record.framing === framing),
  );
}

/** @param framing decides the strength of the chosen rungs */
export function describeWriting({ amplification }: Pick<Passes, 'amplification'>, name: string, framing?: Framing): WrittenIn {
  const form = amplification[0]?.form ?? 'adapter';
  if (name === AMPLIFIED) {
    const strength = amplification.find((line) => line.framing === framing)?.chosen ?? null;
    return { name, writer: 'amplified', amplification: { form, strength, controlSeed: null } };
  }
  const rung = readRungPass(name);
  if (rung) return { name, writer: 'amplified', amplification: { form, strength: rung.strength, controlSeed: rung.seed } };
  return { name, writer: name === NOISE || name === REFERENCE ? 'reference' : 'finetuned', amplification: null };
}

export function reportPasses(audit: Passes, analysis: AuditAnalysis): ReportedPass[] {
  return listPassNames(audit).map((name) => {
    const records = selectRecords(audit, name);
    const framings = FRAMINGS.flatMap((framing) => {
      const own = records.filter((record) => record.framing === framing);
      if (own.length === 0) return [];
      const { t, repetitiveShare } = measureRung(
        0,
        own.map((record) => {
          const { scores, repetitive } = analysis.figuresOf(record);
          return { standardizedGap: scores.standardizedGap, repetitive };
        }),
      );
      return [{ framing, completions: own.length, t, repetitiveShare }];
    });
    return { ...describeWriting(audit, name), framings };
  });
}

export interface ReportedAmplification extends Omit<AmplificationLine, 'type'> {
  /** Why the state is undetermined, where that is known. */
  readonly reason: string | null;
}

/** A sentence for each framing with amplified writing, which say that its text is no more than a lead; none where there is none. */
export function tellAmplified(audit: Passes & Pick<ReadAudit, 'confirmations'>): string[] {
  const confirmations = listConfirmations(audit, AMPLIFIED);
  return audit.amplification.map(({ framing, form, chosen, state }) => {
    const count = countConfirmed(confirmations.filter((one) => one.framing === framing));
    const why = explainState(form, state);
    const written = chosenRecords(audit).filter((record) => record.framing === framing).length;
    const what = chosen === null ? 'no strength was chosen, nothing was written' : `${countOf(written, 'completion')} at ${describeStrength(form, chosen)}`;
    return `Amplified writing, ${framing}: ${state}${why === null ? '' : ` (${why})`}; ${what}. Its texts are leads, never the finetuned model's own words${chosen === null ? '' : `; ${tellConfirmed(count)}`}.`;
  });
}

function tellConfirmed(count: ConfirmationCount | null): string {
  if (count === null) return 'none was put to the finetuned model itself yet';
  return `the finetuned model itself confirms ${count.confirmed} of the ${count.of} put to it`;
}

const STATES: readonly AmplificationState[] = ['beyond control', 'within control', 'undetermined'];

/** What the amplified writing of an audit comes to: the most that any framing shows, and in how many completions plain F confirms it. `null` where there is none. */
export function reportAmplification(
  audit: Passes & Pick<ReadAudit, 'confirmations'>,
): { readonly state: AmplificationState; readonly confirmations: ConfirmationCount | null; readonly framings: readonly ReportedAmplification[] } | null {
  const { amplification } = audit;
  if (amplification.length === 0) return null;
  const state = STATES.find((one) => amplification.some((line) => line.state === one))!;
  return {
    state,
    confirmations: countConfirmed(listConfirmations(audit, AMPLIFIED)),
    framings: amplification.map(({ type: _, ...line }) => ({ ...line, reason: explainState(line.form, line.state) })),
  };
}

/** What is said wherever text stands that the finetuned model did not write by itself; `null` of its own. */
export function warnOfWriter({ name, writer, amplification }: WrittenIn): string | null {
  if (writer === 'finetuned') return null;
  if (writer === 'reference') return `Pass ${name}: written by the reference model, not by the finetuned one.`;
  const strength = amplification?.strength ?? null;
  const how = amplification === null || strength === null ? '' : `, at ${describeStrength(amplification.form, strength)}`;
  if (amplification !== null && amplification.controlSeed !== null)
    return `Pass ${name}: a control, written with a random adapter of the same norm${how}. It says nothing of the finetuned model.`;
  return `Pass ${name}: AMPLIFIED, written by a model pushed further from the reference than the finetuned one${how}. A lead, never the finetuned model's own words.`;
}

function describeStrength(form: AmplificationForm, strength: number): string {
  switch (form) {
    case 'adapter':
      return `${strength} times the adapter's own scale`;
    case 'weights':
      return `${strength} times the difference between the two models' weights`;
    case 'logit':
      return `a = ${strength} of ln P_F + a(ln P_F − ln P_R)`;
  }
}

/**
 * The source with one pass in the place of the audit's own completions. Findings are of those alone, so there are none then.
 * @throws AuditError `badPlan` for a pass that the audit has not
 */
export function takePass(source: ReportSource, name: string): ReportSource {
  const { audit: whole, findings, sha256 } = source;
  const records = selectRecords(whole, name);
  // An imported audit has no other pass.
  if (name === PLAIN || whole.imported) return source;
  const warning = warnOfWriter(describeWriting(whole, name))!;
  const setup = whole.setup && { ...whole.setup, remarks: [warning, ...whole.setup.remarks] };
  const audit = { ...whole, records, setup, setAside: [], status: { ...whole.status, message: `${records.length} completions of the pass ${name}.` } };
  return {
    audit,
    analysis: AuditAnalysis.of(audit),
    sha256,
    findings: { ...NO_FINDINGS, auditName: `${findings.auditName ?? whole.plan?.name ?? ''} (${name})`, keywordSets: findings.keywordSets },
  };
}
