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

/**
 * Answers requests of a type. The message of an error comes to who asked as it is: of an error that is no
 * `ResponseError` the library would say `Request … failed with message: …`.
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
      throw new ResponseError(ErrorCodes.InternalError, error instanceof Error ? error.message : String(error));
    }
  };
  // The library lets a handler leave out what is null, which its type of a promise does not say.
  return connection.onRequest(type, handler as RequestHandler<P, R, E>);
}
