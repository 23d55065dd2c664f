/** The prefills of a plan: drawn from its corpus, or taken from the file that the user brought. */
import { AuditError } from '../../audit/errors.js';
import type { AuditSetup } from '../../audit/events.js';
import { inEveryFraming, type Framing } from '../../audit/framing.js';
import type { LanguageModel } from '../../audit/language-model.js';
import type { AuditPlan } from '../../audit/plan.js';
import { describeShortage, samplePrefills, type SampledPrefills } from '../../audit/prefills.js';
import { notAgreedFile, readCorpus } from '../../records/corpus/read-corpus.js';
import { readPrefillFile } from '../../records/plan/prefill-file.js';
import { isReadable } from '../../records/readable-files.js';

export interface DrawnPrefills {
  readonly prefills: AuditSetup['prefills'];
  readonly remarks: readonly string[];
}

type PlanOfPrefills = Pick<AuditPlan, 'corpus' | 'prefills' | 'prefillTokens' | 'prefillFile' | 'framings' | 'seed'>;

/** Texts that a server is given at a time: each is a request of its own. */
const TEXTS_PER_SERVER_BATCH = 16;
/** Text that has more openings than a wave, in UTF-16 units. */
const SOME_TEXT = 1 << 20;

export interface DrawOptions {
  readonly signal: AbortSignal;
  /** Takes openings near the corpus' beginning where that has enough: not the plan's own, but quickly found. */
  readonly some?: boolean;
  /** Real paths of the folders and files that alone may be read; all may where this is left out. */
  readonly roots?: readonly string[] | undefined;
}

/** @param plan with paths in place of `bundled:` addresses */
export async function drawPrefills(plan: PlanOfPrefills, finetuned: LanguageModel, options: DrawOptions): Promise<DrawnPrefills> {
  return plan.prefillFile === undefined ? drawFromCorpus(plan, finetuned, options) : takeFromFile(plan, plan.prefillFile, finetuned, options);
}

async function drawFromCorpus(plan: PlanOfPrefills, finetuned: LanguageModel, { signal, some = false, roots }: DrawOptions): Promise<DrawnPrefills> {
  const corpus = await readCorpus(plan.corpus, { signal, ...(roots && { roots }) });
  const sampleFrom = (passages: readonly string[]): Promise<SampledPrefills> =>
    samplePrefills({
      passages,
      count: plan.prefills,
      prefillTokens: plan.prefillTokens,
      seed: plan.seed,
      ...(finetuned.capabilities.independent && { batchSize: Math.max(TEXTS_PER_SERVER_BATCH, Math.min(plan.prefills, 512)) }),
      tokenize: (texts, abort) => finetuned.tokenize(texts, abort),
      pause: () => new Promise((resolve) => setImmediate(resolve)),
      signal,
    });
  const found = some ? await sampleFrom(takeBeginning(corpus.passages)).catch(noneWhereEmpty) : null;
  const sampled = found && !found.exhausted ? found : await sampleFrom(corpus.passages);
  const shortage = describeShortage(sampled, plan.prefills);
  return {
    prefills: forFramings(plan.framings, () => sampled.prefills.map((prefill) => prefill.pieces.map((piece) => piece.id))),
    remarks: [...corpus.remarks, ...(shortage === null ? [] : [shortage])],
  };
}

function noneWhereEmpty(error: unknown): null {
  if (error instanceof AuditError && error.code === 'emptyCorpus') return null;
  throw error;
}

function takeBeginning(passages: readonly string[]): readonly string[] {
  let length = 0;
  const last = passages.findIndex((passage) => (length += passage.length) >= SOME_TEXT);
  return last < 0 ? passages : passages.slice(0, last + 1);
}

async function takeFromFile(plan: PlanOfPrefills, path: string, finetuned: LanguageModel, { signal, roots }: DrawOptions): Promise<DrawnPrefills> {
  if (roots && !(await isReadable(path, roots))) throw notAgreedFile(path);
  const content = await readPrefillFile(path);
  let lists: Partial<Record<Framing, readonly (readonly number[])[]>>;
  if (content.kind === 'ids') {
    lists = content.ids;
    await requireInVocabulary(Object.values(lists).flat(2), path, finetuned, signal);
  } else {
    const pieces = await finetuned.tokenize(content.texts, signal);
    const ids = pieces.map((list) => list.map((piece) => piece.id));
    lists = inEveryFraming(ids);
  }
  const missing = plan.framings.find((framing) => !lists[framing]);
  if (missing) {
    throw new AuditError(
      'badPrefillFile',
      `${path} has no prefills for the ${missing} framing. Add a list "${missing}", or leave the framing out of the plan.`,
    );
  }
  const found = Math.max(...plan.framings.map((framing) => lists[framing]!.length));
  const left = found - plan.prefills;
  return {
    prefills: forFramings(plan.framings, (framing) => lists[framing]!.slice(0, plan.prefills)),
    remarks: left > 0 ? [`Of the ${found} prefills in ${path} the first ${plan.prefills} are used, as the plan says.`] : [],
  };
}

async function requireInVocabulary(ids: readonly number[], path: string, model: LanguageModel, signal: AbortSignal): Promise<void> {
  const { name, vocabularySize } = model.identity;
  const outside = vocabularySize === null ? undefined : ids.find((id) => id >= vocabularySize);
  if (outside !== undefined) {
    throw new AuditError(
      'badPrefillFile',
      `${path} has the token id ${outside}, but ${name} has only ${vocabularySize} tokens. Were the prefills made with another tokenizer?`,
    );
  }
  await model.pieces([...new Set(ids)], signal);
}

function forFramings(framings: readonly Framing[], list: (framing: Framing) => readonly (readonly number[])[]): AuditSetup['prefills'] {
  return Object.fromEntries(framings.map((framing) => [framing, list(framing)]));
}
