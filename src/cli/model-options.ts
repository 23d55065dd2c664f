/** Models as they are given on the command line. */
import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { AdapterSource } from '../audit/plan.js';
import { resolveAddress } from '../records/plan-file.js';

/** `FILE` or `FILE:SCALE`; gathers repeated options. */
export function parseAdapter(value: string, former: readonly AdapterSource[] = []): AdapterSource[] {
  const match = /^(?<path>.{2,}):(?<scale>[+-]?(?:\d+\.?\d*|\.\d+))$/.exec(value);
  const path = match?.groups?.['path'] ?? value;
  const scale = /^(?<file>.{2,}\.gguf):(?<scale>[^/\\]*)$/i.exec(value)?.groups;
  if (!match && scale) throw new InvalidArgumentError(`The scale of ${scale['file']} is "${scale['scale']}", which is not a number. Give e.g. ${scale['file']}:0.5.`);
  if (path === '') throw new InvalidArgumentError('Give the path of an adapter, e.g. adapter.gguf or adapter.gguf:0.5.');
  return [...former, { path: resolveAddress(path, process.cwd()), scale: match ? Number(match.groups!['scale']) : 1 }];
}

/** A path becomes absolute; `hf:` and `bundled:` addresses stay. */
export function parseModel(value: string): string {
  return resolveAddress(value, process.cwd());
}

export function parsePath(value: string): string {
  return resolve(value);
}

/** A whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (value.trim() === '' || !Number.isInteger(number) || number < least || number > most) {
      throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

export function positiveOrZero(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number) || number < 0) throw new InvalidArgumentError('Give a number that is not negative.');
  return number;
}
