/**
 * The conversation between the host and the results page, over `postMessage`: what the host tells, and what goes both ways. What the page
 * may ask is declared in `page-requests.ts`, where it is checked too, since model output is shown there.
 *
 * Flow: the page says that it is ready; the host answers with {@link PageListener.onOpened} and then `onCompletions` until all that is
 * journalled is there; more completions and states follow while the audit runs. Tokens are fetched for what is in view. The page shows one
 * pass at a time: for another one, the host opens the audit again. Completions never change once added; findings, status and the noise
 * floor are always sent as complete snapshots.
 */
import type { DivergenceBound } from '../audit/divergence-bound.js';
import type { AmplificationForm, AmplificationState, Rung } from '../audit/amplification.js';
import type { Coverage } from '../audit/coverage.js';
import type { CompletionFinding } from '../analysis/finding.js';
import type { Framing } from '../audit/framing.js';
import type { NamedModel } from '../audit/imported.js';
import type { ModelIdentity } from '../audit/language-model.js';
import type { NoiseFloorCompletion } from '../analysis/noise-floor.js';
import type { ScoreName, Scores } from '../audit/scores.js';
import type { ToldConfirmations } from './confirmation.js';
import type { Evidence } from './evidence.js';
import type { PageCommandName } from './page-commands.js';
import type { ReadPageKeys } from './page-keys.js';

/** A completion as the list, the filters and the plots need it. */
export interface CompletionSummary {
  readonly id: number;
  readonly framing: Framing;
  readonly prefillText: string;
  readonly text: string;
  readonly tokenCount: number;
  readonly byteCount: number;
  readonly perplexityFinetuned: number | null;
  readonly perplexityReference: number | null;
  readonly scores: Scores;
  readonly repetitive: boolean;
  /** Given where R scored a part of the text only. */
  readonly coverage?: Coverage;
  /** Given, and false, of an imported completion: only its text and what was told about it are known; it counts no tokens. */
  readonly hasTokens?: false;
}

/** One token (or, across tokenizers, one token of F whose gap is its segment's). */
export interface TokenDetail {
  readonly text: string;
  /** Hex, where the token's bytes are not what `text` says: half characters, and what completes them. */
  readonly bytesHex?: string;
  readonly control: boolean;
  readonly logprobFinetuned: number;
  readonly logprobReference: number | null;
  readonly gap: number | null;
  /** KL(F‖R) and KL(R‖F) before the token, in nats, where they were measured. */
  readonly divergence?: { readonly forward: number; readonly backward: number };
  /** Index into `segments`, across tokenizers. */
  readonly segment?: number;
}

export interface SegmentDetail {
  readonly text: string;
  /** Mean of the segment's gap over its F tokens is what it is shaded by; this is the sum, in nats. */
  readonly gap: number;
  readonly logprobFinetuned: number;
  readonly logprobReference: number;
  readonly tokensFinetuned: number;
  /** R's tokens of this segment as texts; a character belongs to the token that completes it. */
  readonly referencePieces: readonly string[];
  /** Nats, one per piece of R. */
  readonly referenceLogprobs?: readonly number[];
  /** One per piece of R: hex where its bytes are not what its text says, else `null`. Left out where that is none of them. */
  readonly referenceHex?: readonly (string | null)[];
  readonly straddlesPrefill: boolean;
  /** Bytes of R's first piece that lie in the prefill. Left out where there are none. */
  readonly straddleBytes?: number;
}

export interface CompletionDetail {
  readonly id: number;
  readonly prefillTokens: readonly string[];
  readonly tokens: readonly TokenDetail[];
  readonly segments: readonly SegmentDetail[] | null;
  /** Token range [from, to) with the highest mean gap. */
  readonly peak: readonly [number, number] | null;
  /** The end-of-turn token, which is in no score; `null` where the length limit ended the completion. */
  readonly end: TokenDetail | null;
  /** Of a dialogue: how many of the tokens are the question, and what the template writes behind them, which is in no score. */
  readonly turn?: { readonly at: number; readonly text: string };
  readonly distinct4grams: number;
  readonly deflateRatio: number;
  /** Given, and false, of an imported completion: there are no tokens and nothing that needs them. */
  readonly hasTokens?: false;
}

export type AuditState = 'queued' | 'loading' | 'running' | 'stopped' | 'finished' | 'failed';

/** Complete snapshot of how far the audit is. */
export interface AuditStatus {
  readonly state: AuditState;
  /** The main pass's completions; those of other passes are not among them. */
  readonly completionsDone: number;
  readonly completionsTotal: number;
  /** Both models' tokens together, over the last seconds; `null` while nothing is computed. */
  readonly tokensPerSecond: number | null;
  readonly secondsLeft: number | null;
  /** One line for people: what it is doing, or what went wrong and what to do next. */
  readonly message: string;
  readonly canResume: boolean;
  /** Completions that the audit went on without, since a server gave no usable answer. Left out where there are none. */
  readonly setAside?: number;
  /** Which server does not answer, and when it is asked again; there is no rate then. Left out where all answer. */
  readonly standstill?: string;
  /** Name of the pass under way where it is not the main one: the audit's own completions are all there, `message` says how far it is. */
  readonly pass?: string;
}

/** A pass whose completions the page can show. */
export interface PassOffer {
  readonly name: string;
  readonly writer: 'finetuned' | 'reference' | 'amplified';
  readonly completions: number;
  /** What is said wherever its text stands; `null` of the finetuned model's own. */
  readonly warning: string | null;
}

/** What the search for the strength of amplified writing came to in one framing. */
export interface FoundAmplification {
  readonly framing: Framing;
  readonly form: AmplificationForm;
  readonly rungs: readonly Rung[];
  /** Strength of the rung that wrote the rest; `null` where none has a score. */
  readonly chosen: number | null;
  readonly controls: readonly { readonly seed: number; readonly rungs: readonly Rung[] }[];
  readonly state: AmplificationState;
  /** The largest T/T_control over the rungs. */
  readonly ratio: number | null;
}

/** Complete snapshot of the passes that somebody may want to read. */
export interface AuditPasses {
  /** The main one first. */
  readonly offers: readonly PassOffer[];
  readonly amplification: readonly FoundAmplification[];
}

export interface AuditOpenedParams {
  /** The pass whose completions follow: ids are counted in each pass on their own. Left out where it is the main one. */
  readonly pass?: string;
  /** Left out where the main pass is the only one. */
  readonly passes?: AuditPasses;
  readonly name: string;
  readonly folder: string;
  readonly finetuned: ModelIdentity | NamedModel | null;
  readonly reference: ModelIdentity | NamedModel | null;
  readonly sameTokenizer: boolean;
  /** How many of F's token ids stand for something else in R's vocabulary, or for nothing; given where there are some. */
  readonly unlikeIds?: number;
  readonly framings: readonly Framing[];
  /** Lines for the "About this audit" disclosure: plan fields by name. */
  readonly planFacts: readonly { readonly name: string; readonly value: string }[];
  /** Things the reader must know: folded system text, borrowed template, lines of the journal that could not be read. */
  readonly remarks: readonly string[];
  /** Ranked best first when the page opens. */
  readonly defaultScore: ScoreName;
  readonly categories: readonly string[];
  /** As the user has set them; left out where nobody has. */
  readonly pageKeys?: ReadPageKeys;
  readonly status: AuditStatus;
  /** What shows of each judged completion: the reader's own judgement, or else the latest of the others. */
  readonly findings: readonly CompletionFinding[];
  /** All else that auditors said. */
  readonly evidence?: Evidence;
  /** Completions that will follow at once. */
  readonly completionCount: number;
  /** What is known of the noise floor by now, as in {@link PageListener.onNoiseFloor}. Left out where the plan has none. */
  readonly noiseFloor?: readonly NoiseFloorCompletion[];
  /** The other quantisation of the reference that the noise floor is measured with; `null` until the models are loaded. */
  readonly noiseModel?: ModelIdentity | null;
  /** What the audit went on without by now, as in {@link PageListener.onSetAside}. */
  readonly setAside?: readonly SetAsideGroup[];
  /** Loaded models can be asked for alternatives now; otherwise asking loads them. */
  readonly localModels: boolean;
}

/** Completions that got no usable answer from a server, for one reason. */
export interface SetAsideGroup {
  readonly reason: string;
  readonly ids: readonly number[];
}

export interface AlternativesAnswer {
  readonly finetuned: readonly { readonly text: string; readonly logprob: number }[];
  readonly reference: readonly { readonly text: string; readonly logprob: number }[];
  /** From the tokens that either names, of one tokenizer; left out where there is none. */
  readonly divergence?: DivergenceBound;
}

/** What the page asks the host to do about its audit. */
export const PAGE_ACTION_NAMES = ['stop', 'resume', 'revealFolder', 'openPlan', 'exportReport', 'openCompletion', 'copyText'] as const;
export type PageActionName = (typeof PAGE_ACTION_NAMES)[number];
export interface PageActionSubject {
  /** What shall be copied. */
  readonly text?: string;
  /** The completion that shall be opened. */
  readonly id?: number;
}

/** What the host tells the page, in the order in which it is told. */
export interface PageListener {
  onOpened(audit: AuditOpenedParams): void;
  onCompletions(completions: readonly CompletionSummary[]): void;
  onStatus(status: AuditStatus): void;
  onFindings(findings: readonly CompletionFinding[]): void;
  /** Each part complete; parts that are left out have not changed. */
  onEvidence(evidence: Partial<Evidence>): void;
  /** All of the noise floor that has been measured by now. */
  onNoiseFloor(noiseFloor: readonly NoiseFloorCompletion[]): void;
  /** All that the audit went on without by now, most frequent reason first. */
  onSetAside(setAside: readonly SetAsideGroup[]): void;
  /** A pass has more completions, or the search for the strength of amplified writing came to something. */
  onPasses(passes: AuditPasses): void;
  onConfirmations(told: ToldConfirmations): void;
  /** How far a confirmation under way is, in a line. */
  onConfirmationProgress(message: string): void;
  /** The facts with which the audit was opened once more, when a run has ended: what servers were asked for is among them. */
  onPlanFacts(planFacts: AuditOpenedParams['planFacts']): void;
  /** Somebody gave the audit another name. */
  onRenamed(name: string): void;
  /** The user has changed the keys of the page in the settings. */
  onPageKeys(keys: ReadPageKeys): void;
  onCommand(command: PageCommandName): void;
}
