/** One running model process, as the host holds it. */
import { fork, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import {
  CancellationTokenSource,
  createMessageConnection,
  IPCMessageReader,
  IPCMessageWriter,
  ResponseError,
  type MessageConnection,
  type NotificationType,
  type RequestType,
} from 'vscode-jsonrpc/node';
import { AuditError } from '../../audit/errors.js';
import { LogLine } from '../../messages/model-process.js';
import type { ErrorData } from '../../messages/answer-request.js';
import { pickProcessEnvironment } from './process-environment.js';

export type LogLevel = 'info' | 'warn' | 'error';
export type OnLog = (level: LogLevel, text: string) => void;

export interface ModelProcessOptions {
  /** Absolute path of the bundled `model-process.mjs`. */
  readonly processPath: string;
  /** Node to run it with; this program's own by default, which in an editor is Electron run as Node. */
  readonly execPath?: string;
  readonly execArgv?: readonly string[];
  /** Milliseconds that a cancelled request may take before the process is killed. */
  readonly cancelGraceMs?: number;
  /** Lines of the native library's log and of whatever else the process prints. */
  readonly onLog?: OnLog;
}

const DEFAULT_CANCEL_GRACE_MS = 20_000;
const KEPT_LINES = 5;

export class ModelProcess {
  private readonly child: ChildProcess;
  private readonly connection: MessageConnection;
  private readonly lastLines: string[] = [];
  private readonly subscribers = new Map<string, Set<(params: never) => void>>();
  private readonly failPending = new Set<(error: AuditError) => void>();
  private ending: AuditError | undefined;
  /** How native code brought the process down, with its last lines; `undefined` where it did not. */
  crash: string | undefined;
  /** Fulfilled when the process is gone. */
  readonly ended: Promise<void>;

  constructor(private readonly options: ModelProcessOptions) {
    this.child = fork(options.processPath, [String(process.pid)], {
      serialization: 'advanced',
      env: pickProcessEnvironment(process.env),
      // Native code writes where it likes; none of it may reach the user's terminal.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      ...(options.execPath === undefined ? {} : { execPath: options.execPath }),
      execArgv: [...(options.execArgv ?? []), ...debuggerArguments(process.env)],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (line) => this.log('info', line));
    }
    this.ended = new Promise((resolve) => {
      this.child.once('close', (code, signal) => {
        if (isCrash(code, signal)) this.crash = `${describeEnd(code, signal)}${this.describeLastLines()}`;
        this.end(this.endedError(code, signal));
        resolve();
      });
      this.child.once('error', (error) => {
        this.end(new AuditError('modelProcessEnded', `The model process could not be started (${error.message}).`, { cause: error }));
        resolve();
      });
    });
    this.connection = createMessageConnection(new IPCMessageReader(this.child), new IPCMessageWriter(this.child));
    // A write to a process that has just died; its end is reported by the process itself.
    this.connection.onError(() => undefined);
    this.connection.onNotification(LogLine, ({ level, text }) => this.log(level, text));
    this.connection.listen();
  }

  get id(): number | undefined {
    return this.child.pid;
  }

  get alive(): boolean {
    return this.ending === undefined;
  }

  /**
   * Asks the process. Rejects with the `AuditError` that it answered, with `cancelled` as soon as it has heard the
   * signal, or with `modelProcessEnded` when it dies.
   */
  async request<P, R>(type: RequestType<P, R, ErrorData>, params: P, signal?: AbortSignal): Promise<R> {
    if (this.ending !== undefined) throw this.ending;
    if (isAborted(signal)) throw new AuditError('cancelled', 'Cancelled.');
    const cancellation = new CancellationTokenSource();
    let killTimer: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      cancellation.cancel();
      killTimer = setTimeout(() => this.kill(), this.options.cancelGraceMs ?? DEFAULT_CANCEL_GRACE_MS);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    let fail: (error: AuditError) => void = () => undefined;
    const died = new Promise<never>((_resolve, reject) => (fail = reject));
    this.failPending.add(fail);
    try {
      return await Promise.race([this.connection.sendRequest<R>(type.method, params, cancellation.token), died]);
    } catch (error) {
      if (isAborted(signal)) throw new AuditError('cancelled', 'Cancelled.', { cause: error });
      throw await this.toAuditError(error);
    } finally {
      clearTimeout(killTimer);
      signal?.removeEventListener('abort', cancel);
      this.failPending.delete(fail);
      cancellation.dispose();
    }
  }

  /** Calls back for every notification of this type until disposed. */
  subscribe<P>(type: NotificationType<P>, callback: (params: P) => void): { dispose(): void } {
    let subscribers = this.subscribers.get(type.method);
    if (subscribers === undefined) {
      // The connection keeps a single handler per method.
      const all = new Set<(params: never) => void>();
      this.connection.onNotification(type, (params) => all.forEach((subscriber) => subscriber(params as never)));
      this.subscribers.set(type.method, (subscribers = all));
    }
    subscribers.add(callback);
    return { dispose: () => void subscribers.delete(callback) };
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Ends the process and waits until it is gone. */
  async dispose(): Promise<void> {
    this.kill();
    await this.ended;
  }

  private async toAuditError(error: unknown): Promise<AuditError> {
    if (error instanceof AuditError) return error;
    const data = error instanceof ResponseError ? (error.data as ErrorData | undefined) : undefined;
    if (data?.code !== undefined) return new AuditError(data.code, (error as Error).message);
    // Without a reason from the process, the channel broke: the process is ending or hopelessly confused.
    this.kill();
    await this.ended;
    return this.ending!;
  }

  private end(error: AuditError): void {
    if (this.ending !== undefined) return;
    this.ending = error;
    for (const fail of this.failPending) fail(error);
    this.connection.dispose();
  }

  private log(level: LogLevel, text: string): void {
    this.lastLines.push(text);
    if (this.lastLines.length > KEPT_LINES) this.lastLines.shift();
    this.options.onLog?.(level, text);
  }

  private describeLastLines(): string {
    return this.lastLines.length === 0 ? '' : `\nIts last lines:\n${this.lastLines.join('\n')}`;
  }

  private endedError(code: number | null, signal: NodeJS.Signals | null): AuditError {
    const outOfMemory = signal === 'SIGKILL' ? ' The system may have been out of memory: close other programs, or choose a smaller model or quantisation.' : '';
    return new AuditError(
      'modelProcessEnded',
      `The model process ended ${describeEnd(code, signal)}. What was journalled is safe; resume the audit to go on.${outOfMemory}${this.describeLastLines()}`,
    );
  }
}

/** Signals that no one else sends. */
const CRASH_SIGNALS: ReadonlySet<string> = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);
/** Windows has exit codes for them: 3 of an abort, the others from here. */
const FIRST_CRASH_CODE = 0xc0000000;

function isCrash(code: number | null, signal: NodeJS.Signals | null): boolean {
  return signal === null ? process.platform === 'win32' && (code === 3 || (code ?? 0) >>> 0 >= FIRST_CRASH_CODE) : CRASH_SIGNALS.has(signal);
}

function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `with exit code ${code ?? 'unknown'}` : `by the signal ${signal}`;
}

function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted ?? false;
}

/** `.vscode/launch.json` sets the variable; a workspace's settings cannot. The port is of this machine only. */
function debuggerArguments({ FINETUNE_AUDITOR_DEBUG_PORT: port }: NodeJS.ProcessEnv): string[] {
  return port !== undefined && /^\d{4,5}$/.test(port) ? [`--inspect=127.0.0.1:${port}`] : [];
}
