/** Answers to requests, with errors that say what went wrong and nothing else. */
import {
  ErrorCodes,
  ResponseError,
  type CancellationToken,
  type Disposable,
  type MessageConnection,
  type RequestHandler,
  type RequestType,
} from 'vscode-jsonrpc';
import { AuditError, type AuditErrorCode } from '../audit/errors.js';

/** JSON-RPC leaves numbers above -32000 to applications; the reason itself is in the data. */
export const APPLICATION_ERROR = 1;

/** Carried as the `data` of a response error, so that a reason crosses the boundary of a process or of the page. */
export interface ErrorData {
  readonly code: AuditErrorCode;
}

/**
 * Answers requests of a type. The message of an error reaches whoever asked as it is: of an error that is no
 * `ResponseError` the library would say `Request … failed with message: …`. A reason goes along; what has none is a fault of the program.
 */
export function answerRequest<P, R, E>(
  connection: MessageConnection,
  type: RequestType<P, R, E>,
  answer: (params: P, cancellation: CancellationToken) => R | Promise<R>,
): Disposable {
  const handler = async (params: P, cancellation: CancellationToken): Promise<R> => {
    try {
      return await answer(params, cancellation);
    } catch (error) {
      if (error instanceof ResponseError) throw error;
      if (error instanceof AuditError) throw new ResponseError<ErrorData>(APPLICATION_ERROR, error.message, { code: error.code });
      throw new ResponseError(ErrorCodes.InternalError, error instanceof Error ? error.message : String(error));
    }
  };
  // The library lets a handler leave out what is null, which its type of a promise does not say.
  return connection.onRequest(type, handler as RequestHandler<P, R, E>);
}
