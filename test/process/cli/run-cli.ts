/** Runs the command line as a user does. */
import { spawn, type ChildProcess } from 'node:child_process';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliRun {
  readonly child: ChildProcess;
  readonly result: Promise<CliResult>;
}

/** @param options.wrapper a command that runs the program that is appended to it */
export function startCli(
  cli: string,
  args: readonly string[],
  options: { cwd: string; input?: string; env?: Record<string, string>; wrapper?: readonly string[] },
): CliRun {
  const [command, ...rest] = [...(options.wrapper ?? []), process.execPath, cli, ...args] as [string, ...string[]];
  const child = spawn(command, rest, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(options.input ?? '');
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const result = new Promise<CliResult>((resolve) => {
    child.on('close', (code) => resolve({ code, ...output }));
  });
  return { child, result };
}
