/**
 * Checks everything that the results page sends. The page shows hostile text; should that text ever come to run, this
 * is where what it can say ends.
 */
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc';
import { z } from 'zod';
import { CONFIDENCES, FINDING_LABELS } from '../analysis/finding.js';
import { FRAMINGS } from '../audit/framing.js';
import { isPassName } from '../audit/passes.js';
import { SCORE_NAMES } from '../audit/scores.js';
import {
  AddReply,
  AddSpan,
  CountKeywords,
  DeleteReply,
  DraftConclusion,
  DrawSlice,
  EditReply,
  EditSpan,
  SetConclusion,
  SetKeywords,
  SetSpanState,
} from './evidence.js';
import { LONGEST_CATEGORY, LONGEST_NOTE, LONGEST_STATEMENT } from './limits.js';
import { checkShape } from '../text/check-shape.js';
import { FetchAlternatives, FetchDetails, FetchGroups, FetchOverview, PAGE_ACTION_NAMES, PageAction, SetFinding, ShowPass, UndoFinding } from './page.js';

/** The page asks for what is in view; more in one request is not the page speaking. */
const MOST_IDS = 500;
const LONGEST_COPY = 1_000_000;
const MOST_CITATIONS = 1000;
const MOST_SETS = 100;
const MOST_WORDS = 100;
const LONGEST_KEYWORD = 1000;
const LARGEST_SLICE = 1000;

const id = z.int().min(0);
const label = z.enum(FINDING_LABELS);
const note = z.string().max(LONGEST_NOTE);
const category = z.string().max(LONGEST_CATEGORY).nullable();
const key = z.string().min(1).max(100);
const remark = { label: label.nullable(), category, note };
const ranking = { score: z.enum(SCORE_NAMES), framing: z.enum(FRAMINGS).nullable() };
const keyword = z.string().max(LONGEST_KEYWORD);
const keywordSet = z.union([z.strictObject({ name: keyword, words: z.array(keyword).max(MOST_WORDS) }), z.strictObject({ name: keyword, regex: keyword })]);

const paramsOf = {
  [FetchDetails.method]: z.strictObject({ ids: z.array(id).max(MOST_IDS) }),
  [FetchAlternatives.method]: z.strictObject({ id, token: z.int().min(0) }),
  [FetchOverview.method]: z.strictObject({ framing: z.enum(FRAMINGS).nullable() }),
  [ShowPass.method]: z.strictObject({ pass: z.string().refine(isPassName, 'not the name of a pass') }),
  [FetchGroups.method]: z.strictObject({}),
  [SetFinding.method]: z.strictObject({
    completionId: id,
    ...remark,
    blind: z.int().min(0).optional(),
  }),
  [UndoFinding.method]: z.strictObject({}),
  [AddSpan.method]: z
    .strictObject({ completionId: id, start: z.int().min(0), end: z.int().min(1), ...remark })
    .refine(({ start, end }) => end > start, 'an empty span'),
  [EditSpan.method]: z.strictObject({ finding: key, begun: note, ...remark }),
  [SetSpanState.method]: z.strictObject({ finding: key, state: z.enum(['open', 'resolved', 'deleted']) }),
  [AddReply.method]: z.strictObject({ finding: key, note }),
  [EditReply.method]: z.strictObject({ finding: key, reply: key, note, begun: note }),
  [DeleteReply.method]: z.strictObject({ reply: key }),
  [SetConclusion.method]: z.strictObject({
    conclusion: z
      .strictObject({
        statement: z.string().max(LONGEST_STATEMENT),
        confidence: z.enum(CONFIDENCES),
        citations: z.array(id).max(MOST_CITATIONS),
        draftedBy: z.string().max(200).optional(),
      })
      .nullable(),
  }),
  [DraftConclusion.method]: z.strictObject(ranking),
  [SetKeywords.method]: z.strictObject({ sets: z.array(keywordSet).max(MOST_SETS) }),
  [CountKeywords.method]: z.strictObject({ sets: z.array(keywordSet).max(MOST_SETS), score: z.enum(SCORE_NAMES) }),
  [DrawSlice.method]: z.strictObject({ k: z.int().min(1).max(LARGEST_SLICE), isWhole: z.boolean(), ...ranking }),
  [PageAction.method]: z.strictObject({
    action: z.enum(PAGE_ACTION_NAMES),
    text: z.string().max(LONGEST_COPY).optional(),
    id: id.optional(),
  }),
};

/** The message types that carry params from the page to the host. */
export type PageMessageType =
  | typeof FetchDetails
  | typeof FetchAlternatives
  | typeof FetchOverview
  | typeof ShowPass
  | typeof FetchGroups
  | typeof SetFinding
  | typeof UndoFinding
  | typeof AddSpan
  | typeof EditSpan
  | typeof SetSpanState
  | typeof AddReply
  | typeof EditReply
  | typeof DeleteReply
  | typeof SetConclusion
  | typeof DraftConclusion
  | typeof SetKeywords
  | typeof CountKeywords
  | typeof DrawSlice
  | typeof PageAction;

type ParamsOf<T> = T extends { readonly _: readonly [infer P, ...unknown[]] | undefined } ? P : never;

/**
 * The params of a message from the page, as its type declares them.
 * @throws ResponseError with `InvalidParams`, naming the field; the connection hands it back to the page.
 */
export function checkPageParams<T extends PageMessageType>(type: T, params: unknown): NonNullable<ParamsOf<T>> {
  const schema = paramsOf[type.method];
  const checked = schema && checkShape(schema, params);
  if (checked?.success) return checked.data as NonNullable<ParamsOf<T>>;
  const reason = checked ? z.prettifyError(checked.error) : 'not a message of the page';
  throw new ResponseError(ErrorCodes.InvalidParams, `${type.method}: ${reason}`);
}
