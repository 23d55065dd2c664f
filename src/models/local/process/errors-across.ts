/** Errors and cancellation on their way across the process boundary. */
import { ResponseError, type CancellationToken } from 'vscode-jsonrpc';
import { AuditError } from '../../../audit/errors.js';
import { APPLICATION_ERROR, type ErrorData } from '../../../messages/answer-request.js';

export function toResponseError(error: unknown): ResponseError<ErrorData> {
  if (error instanceof AuditError) return new ResponseError(APPLICATION_ERROR, error.message, { code: error.code });
  const message = error instanceof Error ? error.message : String(error);
  return new ResponseError(APPLICATION_ERROR, `The model process failed: ${message}`, { code: 'internal' });
}

/** An abort signal that follows a request's cancellation token. */
export function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  if (token.isCancellationRequested) abort();
  else token.onCancellationRequested(abort);
  return controller.signal;
}
