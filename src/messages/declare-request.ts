/**
 * Requests that are declared once. A declaration holds the schema of what is asked and the type of the answer; who answers gets
 * checked params, who asks a function of the same name. Nothing of this runs in the page, which knows the types alone (`remote.ts`).
 */
import { ErrorCodes, ParameterStructures, RequestType, ResponseError, type Disposable, type MessageConnection } from 'vscode-jsonrpc';
import { z } from 'zod';
import { checkShape } from '../text/check-shape.js';
import { answerRequest } from './answer-request.js';

export interface RequestDeclaration<Schema extends z.ZodType = z.ZodType, Answer = unknown> {
  readonly params: Schema;
  /** Stands for the answer's type; it has no value. */
  readonly answer?: Answer;
}

/** Requests by name, which is the method's name in the conversation too. */
export type RequestDeclarations = Readonly<Record<string, RequestDeclaration>>;

/** A request with these fields, or with what a schema says of them together. */
export function request<Schema extends z.ZodType>(params: Schema): { answers<Answer>(): RequestDeclaration<Schema, Answer> } {
  return { answers: () => ({ params }) };
}

type AnswerOf<D> = D extends RequestDeclaration<z.ZodType, infer Answer> ? Answer : never;
type ReadonlyDeep<T> = T extends object ? { readonly [Key in keyof T]: ReadonlyDeep<T[Key]> } : T;

/** What answers requests. The signal is aborted when nobody waits for the answer any longer. */
export type AnswersTo<Requests extends RequestDeclarations> = {
  readonly [Name in keyof Requests]: (
    params: z.output<Requests[Name]['params']>,
    signal: AbortSignal,
  ) => AnswerOf<Requests[Name]> | Promise<AnswerOf<Requests[Name]>>;
};

/** Requests as functions. They reject with the reason of whoever answers. */
export type AskerOf<Requests extends RequestDeclarations> = {
  readonly [Name in keyof Requests]: (params: ReadonlyDeep<z.output<Requests[Name]['params']>>) => Promise<AnswerOf<Requests[Name]>>;
};

/**
 * Answers all requests of a conversation; what comes is checked before an answer sees it.
 * @param closed aborted when nobody waits for any answer any longer
 */
export function answerRequests<Requests extends RequestDeclarations>(
  connection: MessageConnection,
  requests: Requests,
  answers: AnswersTo<Requests>,
  closed: AbortSignal,
): Disposable[] {
  return Object.keys(requests).map((name) =>
    answerRequest(connection, new RequestType<unknown, unknown, void>(name, ParameterStructures.byName), async (params, cancellation) => {
      const checked = checkParams(requests, name, params);
      const cancelled = new AbortController();
      const listener = cancellation.onCancellationRequested(() => cancelled.abort());
      try {
        return await answers[name]!(checked, AbortSignal.any([cancelled.signal, closed]));
      } finally {
        listener.dispose();
      }
    }),
  );
}

/**
 * The params of a request, as its declaration has them.
 * @throws ResponseError with `InvalidParams`, naming the request and the field; the connection hands it back to who asked.
 */
export function checkParams<Requests extends RequestDeclarations, Name extends keyof Requests & string>(
  requests: Requests,
  name: Name,
  params: unknown,
): z.output<Requests[Name]['params']> {
  const checked = checkShape(requests[name]!.params, params);
  if (checked.success) return checked.data as z.output<Requests[Name]['params']>;
  throw new ResponseError(ErrorCodes.InvalidParams, `${name}: ${z.prettifyError(checked.error)}`);
}
