/**
 * What the results page may ask of the host: each request once, with the schema that it is checked by. The page shows hostile text; should
 * that text ever come to run, this is where what it can say ends. What it asks to be kept is on disk when the request resolves; what changed
 * is told to the page that asked like to every other.
 */
import { z } from 'zod';
import type { AuditOverview } from '../analysis/audit-analysis.js';
import { CONFIDENCES, FINDING_LABELS, type DrawnSlice } from '../analysis/finding.js';
import { FRAMINGS } from '../audit/framing.js';
import { isPassName } from '../audit/passes.js';
import { SCORE_NAMES } from '../audit/scores.js';
import { QUESTION_AT_MOST } from '../audit/confirmation.js';
import type { ConfirmAnswer } from './confirmation.js';
import { request } from './declare-request.js';
import type { DraftAnswer, KeywordAnswer, UndoAnswer } from './evidence.js';
import { LONGEST_CATEGORY, LONGEST_NOTE, LONGEST_STATEMENT } from './limits.js';
import { PAGE_ACTION_NAMES, type AlternativesAnswer, type CompletionDetail } from './page.js';

/** The page asks for what is in view; more in one request is not the page speaking. */
const MOST_IDS = 500;
const LONGEST_COPY = 1_000_000;
const MOST_CITATIONS = 1000;
const MOST_SETS = 100;
const MOST_WORDS = 100;
const LONGEST_KEYWORD = 1000;
const LARGEST_SLICE = 1000;
const MOST_CONFIRMED = 1000;

const nothing = z.strictObject({});
const id = z.int().min(0);
const note = z.string().max(LONGEST_NOTE);
const key = z.string().min(1).max(100);
const score = z.enum(SCORE_NAMES);
const framing = z.enum(FRAMINGS).nullable();
const remark = { label: z.enum(FINDING_LABELS).nullable(), category: z.string().max(LONGEST_CATEGORY).nullable(), note };
const keyword = z.string().max(LONGEST_KEYWORD);
const keywordSet = z.union([z.strictObject({ name: keyword, words: z.array(keyword).max(MOST_WORDS) }), z.strictObject({ name: keyword, regex: keyword })]);
const sets = z.array(keywordSet).max(MOST_SETS);
const conclusion = z.strictObject({
  statement: z.string().max(LONGEST_STATEMENT),
  confidence: z.enum(CONFIDENCES),
  citations: z.array(id).max(MOST_CITATIONS),
  draftedBy: z.string().max(200).exactOptional(),
});

export const pageRequests = {
  /** The page listens now: the audit is told from the beginning. */
  ready: request(nothing).answers<null>(),
  /** What the page has no means for itself. */
  act: request(
    z.strictObject({
      action: z.enum(PAGE_ACTION_NAMES),
      /** What shall be copied. */
      text: z.string().max(LONGEST_COPY).exactOptional(),
      /** The completion that shall be opened. */
      id: id.exactOptional(),
    }),
  ).answers<null>(),
  fetchDetails: request(z.strictObject({ ids: z.array(id).max(MOST_IDS) })).answers<CompletionDetail[]>(),
  /**
   * Both models' five most likely tokens at one token of the completion; the token one past the last is the end-of-turn
   * token. Loads the models where they are not.
   */
  fetchAlternatives: request(z.strictObject({ id, token: z.int().min(0) })).answers<AlternativesAnswer>(),
  /** The verdict, what is hidden, and the themes of one framing or of all (`null`), of the completions that there are by now. */
  fetchOverview: request(z.strictObject({ framing })).answers<AuditOverview>(),
  /** Ids of completions that say the same, each group ascending; those that are like no other are in none. */
  fetchGroups: request(nothing).answers<readonly (readonly number[])[]>(),
  /**
   * Shows the completions of another pass; the host then opens the audit anew. What auditors say is of the main pass alone: no other one
   * has findings, and none are taken while it is shown.
   */
  showPass: request(z.strictObject({ pass: z.string().refine(isPassName, 'not the name of a pass') })).answers<null>(),
  /**
   * Puts completions of the pass that is shown to plain F: the best of each framing that were not asked about before, or one, also again.
   * Loads the models where they are not. `question` is of one, with `{words}` for the peak's words.
   */
  confirm: request(
    z
      .strictObject({
        first: z.int().min(1).max(MOST_CONFIRMED).exactOptional(),
        id: id.exactOptional(),
        question: z.string().trim().min(1).max(QUESTION_AT_MOST).exactOptional(),
      })
      .refine(({ first, id: one }) => (first === undefined) !== (one === undefined), 'either the first ones or one'),
  ).answers<ConfirmAnswer>(),
  /** Ends what `confirm` is about; what was said by then is kept. */
  stopConfirming: request(nothing).answers<null>(),
  /** `label: null` takes the judgement back; `blind` is the seed of the slice in which it is given. */
  setFinding: request(z.strictObject({ completionId: id, ...remark, blind: z.int().min(0).optional() })).answers<null>(),
  /** Takes back the last change made in this session of what `findings.jsonl` holds; answers what it was, or null. */
  undoFinding: request(nothing).answers<UndoAnswer | null>(),

  /** `start` and `end` are UTF-16 units of `prefillText + text`. Answers the finding's id. */
  addSpan: request(
    z.strictObject({ completionId: id, start: z.int().min(0), end: z.int().min(1), ...remark }).refine(({ start, end }) => end > start, 'an empty span'),
  ).answers<string>(),
  /**
   * `begun` is the note that editing began with: what somebody else wrote meanwhile stays, before what was typed. Answers whose text that
   * is; `null` where nobody wrote meanwhile.
   */
  editSpan: request(z.strictObject({ finding: key, begun: note, ...remark })).answers<string | null>(),
  setSpanState: request(z.strictObject({ finding: key, state: z.enum(['open', 'resolved', 'deleted']) })).answers<null>(),
  /** Answers the reply's id. */
  addReply: request(z.strictObject({ finding: key, note })).answers<string>(),
  /** As `editSpan`. */
  editReply: request(z.strictObject({ finding: key, reply: key, note, begun: note })).answers<string | null>(),
  deleteReply: request(z.strictObject({ reply: key })).answers<null>(),

  /** `null` takes it back. */
  setConclusion: request(z.strictObject({ conclusion: conclusion.nullable() })).answers<null>(),
  /** Asks a language model for a conclusion from the completions that rank highest; nothing is written. */
  draftConclusion: request(z.strictObject({ score, framing })).answers<DraftAnswer>(),
  /** All of them. */
  setKeywords: request(z.strictObject({ sets })).answers<null>(),
  /** How many completions match keyword sets as they are typed, best first by a score; nothing is written. */
  countKeywords: request(z.strictObject({ sets, score })).answers<KeywordAnswer>(),
  /** Draws the best k of a ranking and, where the audit has the whole ranking, k others, and records them. */
  drawSlice: request(z.strictObject({ k: z.int().min(1).max(LARGEST_SLICE), isWhole: z.boolean(), score, framing })).answers<DrawnSlice>(),
};

export type PageRequests = typeof pageRequests;
