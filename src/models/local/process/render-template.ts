/**
 * Renders chat templates, programs that somebody else wrote, within limits. They run in a process of their own: one that
 * never ends can be ended, and one that asks for more memory than there is takes nothing else along. (A thread with
 * resource limits would not do: a string beyond them ends the whole process.)
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { AuditError, throwIfCancelled } from '../../../audit/errors.js';
import { MAX_TURN_CHARACTERS } from '../../../audit/framing.js';

/** Milliseconds from the start of the process to the last answer. A real template takes a few. */
const TIME_LIMIT_MS = 10_000;
const MAX_HEAP_MB = 256;
/** UTF-16 units. The longest in use have some 20,000. */
const MAX_SOURCE_CHARACTERS = 1_000_000;

export type TemplateVariables = Readonly<Record<string, unknown>>;

export interface TemplateTask {
  readonly source: string;
  /** Plain data, which can be sent to another process. */
  readonly variables: TemplateVariables;
  readonly maxCharacters: number;
}

export type TemplateAnswer =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'failed'; readonly message: string } | { readonly kind: 'tooLong' };

/** The template itself says that it cannot be rendered with these variables; with others it may. */
export class TemplateFailure extends Error {}

/**
 * Lends a renderer of this template while `use` runs.
 * @param owner name of the model whose template it is, for messages
 * @throws AuditError `unsupportedModel` where the template goes beyond a limit; `cancelled`. The renderer itself throws these and `TemplateFailure`.
 */
export async function withTemplate<T>(
  owner: string,
  source: string,
  signal: AbortSignal,
  use: (render: (variables: TemplateVariables) => Promise<string>) => Promise<T>,
): Promise<T> {
  const refusal = (why: string): AuditError =>
    new AuditError(
      'unsupportedModel',
      `The chat template of ${owner} ${why}. Something is wrong with it; use the raw framing alone, or a copy of the model that you trust.`,
    );
  if (source.length > MAX_SOURCE_CHARACTERS) throw refusal(`has more than ${MAX_SOURCE_CHARACTERS.toLocaleString('en')} characters`);
  throwIfCancelled(signal);
  const child = fork(fileURLToPath(new URL('./template-process.mjs', import.meta.url)), [String(process.pid)], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [`--max-old-space-size=${MAX_HEAP_MB}`],
  });
  let cancel = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    child.on('error', (error) => reject(new AuditError('internal', `Chat templates cannot be rendered here (${error.message}).`, { cause: error })));
    child.once('exit', () => reject(refusal(`takes more than ${MAX_HEAP_MB} MB of memory to render`)));
    timer = setTimeout(() => reject(refusal(`takes more than ${TIME_LIMIT_MS / 1000} s to render`)), TIME_LIMIT_MS);
    cancel = () => reject(new AuditError('cancelled', 'Cancelled.'));
    signal.addEventListener('abort', cancel, { once: true });
  });
  stopped.catch(() => undefined);
  try {
    return await use(async (variables) => {
      child.send({ source, variables, maxCharacters: MAX_TURN_CHARACTERS } satisfies TemplateTask);
      const [answer] = (await Promise.race([once(child, 'message'), stopped])) as [TemplateAnswer];
      if (answer.kind === 'tooLong') throw refusal(`writes more than ${MAX_TURN_CHARACTERS.toLocaleString('en')} characters`);
      if (answer.kind === 'failed') throw new TemplateFailure(answer.message);
      return answer.text;
    });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    child.kill('SIGKILL');
  }
}
