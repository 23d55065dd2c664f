/**
 * Puts amplified completions to plain F: it goes on from a few tokens into each one's peak, and answers a question about the peak's words.
 * What it says is journalled completion by completion, so that a later run goes on where one was stopped.
 */
import { AMPLIFIED, nameRungPass, readRungPass } from '../../audit/amplify-plan.js';
import type { MeasuredRecord } from '../../audit/completion.js';
import { chooseQuestion, CONFIRMATION_TOKENS, handOver, putQuestion, wordsOfPeak, type Confirmation } from '../../audit/confirmation.js';
import { AuditError, throwIfCancelled } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import type { Framing } from '../../audit/framing.js';
import { isEndpoint, PLAN_BOUNDS, type AuditPlan } from '../../audit/plan.js';
import { prepareAudit } from '../../audit/prepare-audit.js';
import { rankByFraming } from '../../audit/ranking.js';
import { runAudit } from '../../audit/run-audit.js';
import { analyseCompletion } from '../../analysis/analyse.js';
import type { ModelProvider } from '../../models/provider.js';
import { readAudit, requireRun, type ReadAudit } from '../../records/journal/audit-folder.js';
import { JournalWriter } from '../../records/journal/journal-writer.js';
import { resolveBundledPlan } from '../../records/plan/bundled.js';
import { listPassNames, selectRecords } from '../../records/report/report-passes.js';
import { textOfTokens } from '../../text/utf8.js';
import { OpenModels } from './open-models.js';
import { checkSameModels } from './resume-check.js';

export interface ConfirmRequest {
  /** The audit's. */
  readonly folder: string;
  /** `amplified`, or a rung such as `amplified@3`. */
  readonly pass: string;
  /** So many of each framing, by standardised gap, that were not put to F before; or this one completion, also again. */
  readonly which: { readonly first: number } | { readonly id: number };
  /** With `{words}` for the peak's words; chosen by the completion's language where left out. */
  readonly question?: string;
  readonly allowDownload: boolean;
}

export interface ConfirmTools {
  readonly models: ModelProvider;
  /** Where `bundled:` addresses lead. */
  readonly mediaFolder: string;
}

/** Must not throw. */
export interface ConfirmListener {
  onProgress?(message: string): void;
  /** It is in the journal. */
  onConfirmation?(confirmation: Confirmation, pass: string): void;
}

export interface ConfirmOutcome {
  readonly asked: number;
  /** In sentences: completions that could not be put to F. */
  readonly leftOut: readonly string[];
}

interface Candidate {
  readonly record: MeasuredRecord;
  readonly pass: string;
  readonly peak: readonly [from: number, to: number];
}

/**
 * @throws AuditError `badPlan` where there is nothing to confirm or the audit's models are behind servers; `badJournal` where the models are not
 * those that the audit began with; `journalLocked` while it runs; `cancelled`, with what was asked by then in the journal; as opening models does
 */
export async function confirmAmplified(
  request: ConfirmRequest,
  { models: provider, mediaFolder }: ConfirmTools,
  listener: ConfirmListener,
  signal: AbortSignal,
): Promise<ConfirmOutcome> {
  const { folder, question } = request;
  await requireRun(folder);
  const { writer } = await JournalWriter.open(folder);
  let models: OpenModels | undefined;
  try {
    const audit = await readAudit(folder, signal);
    const { plan, setup } = audit;
    if (plan && (isEndpoint(plan.finetuned) || isEndpoint(plan.reference)))
      throw new AuditError(
        'badPlan',
        'Amplified text is written and confirmed with both models as files; this audit names a server. Audit two model files instead.',
      );
    if (!plan || !setup || !listPassNames(audit).some(isAmplified))
      throw new AuditError(
        'badPlan',
        `The audit in ${folder} has nothing that was written amplified. Run one with "amplify": "auto" in its plan (--amplify auto on the command line), then confirm what it wrote.`,
      );
    const candidates = chooseCandidates(audit, request);
    if (candidates.length === 0) return { asked: 0, leftOut: [] };
    const resolved = await resolveBundledPlan(plan, mediaFolder);
    const maxTokens = Math.min(CONFIRMATION_TOKENS + 2 * plan.maxTokens, PLAN_BOUNDS.maxTokens[1]);
    const onProgress = (name: string) => listener.onProgress?.(`Loading ${name}…`);
    models = await OpenModels.open(provider, { plan: { ...resolved, maxTokens, waveSize: 1 }, allowDownload: request.allowDownload, onProgress }, signal);
    checkSameModels(setup, models.finetuned, models.reference, null);
    const leftOut: string[] = [];
    for (const [index, candidate] of candidates.entries()) {
      listener.onProgress?.(`Confirming with the finetuned model… ${index} of ${candidates.length}`);
      try {
        const confirmation = await confirmOne(candidate, { plan: resolved, setup, models, question, signal });
        await writer.addConfirmation(confirmation, candidate.pass);
        listener.onConfirmation?.(confirmation, candidate.pass);
      } catch (error) {
        // One text that is too long for a context is no reason to leave the others.
        if (!(error instanceof AuditError && error.code === 'contextTooShort')) throw error;
        leftOut.push(`Completion ${candidate.record.id} was left out. ${error.message}`);
      }
    }
    return { asked: candidates.length - leftOut.length, leftOut };
  } finally {
    models?.release();
    await writer.close();
  }
}

/** Controls are none. */
function isAmplified(pass: string): boolean {
  return pass === AMPLIFIED || readRungPass(pass)?.seed === null;
}

function chooseCandidates(audit: ReadAudit, { pass, which }: ConfirmRequest): Candidate[] {
  const rung = readRungPass(pass);
  if (!isAmplified(pass))
    throw new AuditError('badPlan', `Only amplified text is confirmed, and the pass "${pass}" is none. Use --pass amplified, or a rung such as amplified@2.`);
  const passOf = (framing: Framing) => (rung ? pass : nameRungPass(audit.amplification.find((line) => line.framing === framing)!.chosen!));
  const all = selectRecords(audit, pass).flatMap(
    (
      record,
    ): (Candidate & { readonly framing: Framing; readonly id: number } & Pick<ReturnType<typeof analyseCompletion>, 'scores'> & {
        readonly repetitive: boolean;
      })[] => {
      if (record.kind !== 'measured') return [];
      const { peak, scores, repetition } = analyseCompletion(record);
      return peak === null
        ? []
        : [{ record, pass: passOf(record.framing), peak, framing: record.framing, id: record.id, scores, repetitive: repetition.repetitive }];
    },
  );
  if ('id' in which) {
    const one = all.find(({ id }) => id === which.id);
    if (!one)
      throw new AuditError(
        'badPlan',
        `The pass ${pass} has no completion ${which.id} with a peak that could be confirmed. finetune-auditor report FOLDER --pass ${pass} lists them.`,
      );
    return [one];
  }
  const first = [...rankByFraming(all, 'standardizedGap').values()].flatMap((ranked) => ranked.slice(0, which.first));
  return first.filter(({ pass: own, id }) => audit.confirmations.get(own)?.has(id) !== true);
}

interface Asked {
  readonly plan: AuditPlan;
  readonly setup: AuditSetup;
  readonly models: OpenModels;
  readonly question: string | undefined;
  readonly signal: AbortSignal;
}

async function confirmOne({ record, peak }: Candidate, asked: Asked): Promise<Confirmation> {
  const { id } = record;
  throwIfCancelled(asked.signal);
  const given = record.tokens.slice(0, handOver(peak)).map((token) => token.id);
  const continuation = await goOn(record, given, asked);
  const text = textOfTokens(record.tokens);
  const question = putQuestion(asked.question ?? chooseQuestion(textOfTokens(record.prefill.pieces) + text), wordsOfPeak(record.tokens, peak));
  const answer = await writeAnswer(question, asked);
  return { id, question, continuation: { ...continuation, id }, answer: { ...answer, id } };
}

/** In the amplified completion's own framing; where a turn of the template stands before the text, as an answer to what stands before it. */
function goOn({ framing, prefill, tokens, turn }: MeasuredRecord, given: readonly number[], asked: Asked): Promise<MeasuredRecord> {
  const opening = prefill.pieces.map((piece) => piece.id);
  if (framing === 'dialogue' && turn && given.length >= turn.at) {
    return answerTo(textOfTokens([...prefill.pieces, ...tokens.slice(0, turn.at)]), given.slice(turn.at), asked);
  }
  if (framing === 'ask') return answerTo(asked.plan.ask + textOfTokens(prefill.pieces), given, asked);
  return write(framing, { ...asked.setup, prefills: { [framing]: [[...opening, ...given]] } }, asked);
}

/** In the chat framing; of a model without a template, behind the question as plain text. */
async function writeAnswer(question: string, asked: Asked): Promise<MeasuredRecord> {
  const { models, setup, signal } = asked;
  if (models.finetuned.identity.hasChatTemplate) return answerTo(question, [], asked);
  const [pieces] = await models.finetuned.tokenize([`${question}\n`], signal);
  const frames = setup.frames.raw ? setup.frames : (await prepare('raw', asked, {})).frames;
  return write('raw', { ...setup, frames, prefills: { raw: [pieces!.map((piece) => piece.id)] } }, asked);
}

async function answerTo(user: string, begun: readonly number[], asked: Asked): Promise<MeasuredRecord> {
  return write('chat', { ...(await prepare('chat', asked, { user })), prefills: { chat: [begun] } }, asked);
}

function prepare(framing: Framing, { plan, models, signal }: Asked, texts: { readonly user?: string }): Promise<AuditSetup> {
  const { divergence: _, ...rest } = plan;
  // What it opens with is put in afterwards: an answer may have no opening.
  const opened = { ...rest, ...texts, framings: [framing], maxTokens: CONFIRMATION_TOKENS };
  return prepareAudit({ plan: opened, finetuned: models.finetuned, reference: models.reference, prefills: { [framing]: [[0]] }, signal });
}

/** One text, by itself: what stands beside it in a wave would show in the last digits. */
async function write(framing: Framing, setup: AuditSetup, { plan, models, signal }: Asked): Promise<MeasuredRecord> {
  await models.fit(setup, signal);
  const { finetuned, reference } = models;
  const { seed, finetunedLogprobs } = plan;
  // An audit is confirmed with whatever engine there is now.
  const measured = plan.divergence && finetuned.capabilities.distributions && reference.capabilities.distributions;
  const shape = {
    framings: [framing],
    waveSize: 1,
    maxTokens: CONFIRMATION_TOKENS,
    temperature: 0,
    seed,
    finetunedLogprobs,
    ...(measured && { divergence: plan.divergence }),
  };
  for await (const event of runAudit({ plan: shape, setup, finetuned, reference, done: new Set(), signal })) {
    if (event.type === 'completion') return event.record;
  }
  throw new AuditError('internal', 'The finetuned model wrote nothing to confirm with.');
}
