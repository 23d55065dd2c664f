/**
 * Checks everything that the results page sends. The page shows hostile text; should that text ever come to run, this
 * is where what it can say ends.
 */
import { ErrorCodes, ResponseError } from 'vscode-jsonrpc';
import { z } from 'zod';
import { FRAMINGS } from '../audit/framing.js';
import { FetchAlternatives, FetchDetails, FetchPhrases, PageAction, SetFinding, UndoFinding } from './page.js';

/** The page asks for what is in view; more in one request is not the page speaking. */
const MOST_IDS = 500;
const LONGEST_CATEGORY = 200;
const LONGEST_NOTE = 20_000;
const LONGEST_COPY = 1_000_000;

const id = z.int().min(0);
const label = z.enum(['revealing', 'notRevealing', 'unsure']);

const paramsOf = {
  [FetchDetails.method]: z.strictObject({ ids: z.array(id).max(MOST_IDS) }),
  [FetchAlternatives.method]: z.strictObject({ id, token: z.int().min(0) }),
  [FetchPhrases.method]: z.strictObject({ framing: z.enum(FRAMINGS).nullable() }),
  [SetFinding.method]: z.strictObject({
    completionId: id,
    label: label.nullable(),
    category: z.string().max(LONGEST_CATEGORY).nullable(),
    note: z.string().max(LONGEST_NOTE),
  }),
  [UndoFinding.method]: z.strictObject({}),
  [PageAction.method]: z.strictObject({
    action: z.enum(['stop', 'resume', 'revealFolder', 'openPlan', 'copyText']),
    text: z.string().max(LONGEST_COPY).optional(),
  }),
};

/** The message types that carry params from the page to the host. */
export type PageMessageType =
  | typeof FetchDetails
  | typeof FetchAlternatives
  | typeof FetchPhrases
  | typeof SetFinding
  | typeof UndoFinding
  | typeof PageAction;

type ParamsOf<T> = T extends { readonly _: readonly [infer P, ...unknown[]] | undefined } ? P : never;

/**
 * The params of a message from the page, as its type declares them.
 * @throws ResponseError with `InvalidParams`, naming the field; the connection hands it back to the page.
 */
export function checkPageParams<T extends PageMessageType>(type: T, params: unknown): NonNullable<ParamsOf<T>> {
  const schema = paramsOf[type.method];
  const checked = schema?.safeParse(params);
  if (checked?.success) return checked.data as NonNullable<ParamsOf<T>>;
  const reason = checked ? z.prettifyError(checked.error) : 'not a message of the page';
  throw new ResponseError(ErrorCodes.InvalidParams, `${type.method}: ${reason}`);
}
