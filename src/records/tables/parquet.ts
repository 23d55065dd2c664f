/**
 * Parquet: rows in slices, read in a process of their own. What a file says of its sizes may be untrue in more ways than can
 * be checked beforehand; a process with little memory and little time can be ended, whatever it does.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { throwIfCancelled } from '../../audit/errors.js';
import type { ParquetAnswer, ParquetRequest } from './parquet-process/messages.js';
import { UnreadableFile } from './unreadable.js';

/** Beside the bundle that this becomes part of; run from its source, in the folder of the bundles. */
const PROCESS = new URL(import.meta.url.endsWith('.ts') ? '../../../dist/parquet-process.mjs' : './parquet-process.mjs', import.meta.url);
/** MB. */
const MEMORY_AT_MOST = 512;
/** Milliseconds for one answer. */
const PATIENCE = 15_000;
const ROWS_OF_A_SLICE = 2000;
/** Of the parent's environment nothing goes along but what Windows cannot start without. */
const ENVIRONMENT = ['SystemRoot', 'windir'];

export interface ParquetColumn {
  readonly name: string;
  /** Whether it may hold text, itself or within lists and groups. */
  readonly isText: boolean;
}

export interface ParquetFile {
  readonly columns: readonly ParquetColumn[];
  readonly rows: number;
  /** Rows in slices. @throws UnreadableFile; AuditError `cancelled` */
  slices(columns: readonly string[]): AsyncGenerator<readonly Readonly<Record<string, unknown>>[], void, void>;
}

/**
 * Lends the file to a task.
 * @throws UnreadableFile where it is damaged, or would need more memory or time than such a file may
 */
export async function withParquet<T>(source: string | Uint8Array, signal: AbortSignal | undefined, task: (file: ParquetFile) => Promise<T>): Promise<T> {
  throwIfCancelled(signal);
  const reader = new ParquetReader(signal);
  try {
    const { columns, rows } = await reader.ask({ kind: 'open', source });
    const slices = async function* (names: readonly string[]) {
      for (let start = 0; start < rows; start += ROWS_OF_A_SLICE) {
        const { slice } = await reader.ask({ kind: 'read', columns: names, start, end: Math.min(rows, start + ROWS_OF_A_SLICE) });
        if (slice.length === 0) throw new UnreadableFile(`it has fewer rows than the ${rows} that it says. Write it again.`);
        yield slice;
      }
    };
    return await task({ columns, rows, slices });
  } finally {
    reader.dispose();
  }
}

class ParquetReader {
  readonly #child: ChildProcess;

  constructor(private readonly signal: AbortSignal | undefined) {
    const environment = Object.fromEntries(ENVIRONMENT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
    this.#child = fork(fileURLToPath(PROCESS), [String(process.pid)], {
      execArgv: [`--max-old-space-size=${MEMORY_AT_MOST}`],
      env: { ...environment, ELECTRON_RUN_AS_NODE: '1' },
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  }

  ask<R extends ParquetRequest>(request: R): Promise<ParquetAnswer<R>> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        child.off('message', onMessage).off('exit', onExit).off('error', onExit);
        this.signal?.removeEventListener('abort', onAbort);
        settle();
      };
      const fail = (reason: string): void => finish(() => reject(new UnreadableFile(reason)));
      const onMessage = (answer: ParquetAnswer<R> | { readonly failure: string }): void =>
        'failure' in answer ? fail(answer.failure) : finish(() => resolve(answer));
      const onExit = (): void => fail('reading it needs more memory than a file of its size may. Write it again, in smaller row groups or as JSON lines.');
      const onAbort = (): void => finish(() => reject(this.signal?.reason as Error));
      const timer = setTimeout(() => fail('reading it takes longer than a file of its size may. Write it again, as JSON lines.'), PATIENCE);
      child.on('message', onMessage).on('exit', onExit).on('error', onExit);
      this.signal?.addEventListener('abort', onAbort);
      if (child.connected) child.send(request, (error) => error && onExit());
      else onExit();
    });
  }

  dispose(): void {
    this.#child.on('error', () => undefined);
    this.#child.kill('SIGKILL');
  }
}
