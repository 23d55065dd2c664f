/** Finds the two files that PEFT saves of an adapter, by the folder, by one of the files, or by the address of a repository. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { AuditError } from '../../../../audit/errors.js';
import { ADAPTER_CONFIG } from '../adapter-config.js';
import { isFolder } from '../model-file.js';
import { describeCheckpoint } from './checkpoint.js';

export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';
/** What older versions of PEFT saved: a Python pickle, which may hold any code. */
const PICKLED_WEIGHTS = 'adapter_model.bin';

export interface PeftFiles {
  /** What people call it. */
  readonly name: string;
  readonly weights: string;
  readonly config: string;
}

/**
 * @param path of a folder or file on this machine
 * @returns `null` for a file that has nothing to do with PEFT
 * @throws AuditError `notGguf` for a folder without an adapter, and for weights that cannot be read, with the way out
 */
export function findPeftFiles(path: string): PeftFiles | null {
  const full = resolve(path);
  const isPart = /\.safetensors$/i.test(full) || [ADAPTER_CONFIG, PICKLED_WEIGHTS].includes(basename(full));
  const isWhole = isFolder(full);
  if (!isWhole && !isPart) return null;
  const folder = isWhole ? full : dirname(full);
  const weights = /\.safetensors$/i.test(full) ? full : join(folder, ADAPTER_WEIGHTS);
  const config = join(folder, ADAPTER_CONFIG);
  const name = basename(folder);
  if (existsSync(weights) && existsSync(config)) return { name, weights, config };
  if (existsSync(join(folder, PICKLED_WEIGHTS)) && !existsSync(weights)) {
    throw new AuditError(
      'notGguf',
      `${name} has its weights in ${PICKLED_WEIGHTS}, a Python pickle, which can run code when it is read. Save the adapter again with a newer PEFT, which writes ${ADAPTER_WEIGHTS}.`,
    );
  }
  if (existsSync(weights)) {
    throw new AuditError(
      'notGguf',
      `There is no ${ADAPTER_CONFIG} beside ${basename(weights)}, which says how strongly the adapter is applied. Copy it there, from where the weights come.`,
    );
  }
  throw new AuditError(
    'notGguf',
    describeCheckpoint(folder) ?? `${full} holds no adapter. Choose a folder with ${ADAPTER_CONFIG} and ${ADAPTER_WEIGHTS}, as PEFT saves it, or a .gguf file.`,
  );
}

/** Name of an address's file in the folder of downloads: one for each address. */
export function nameDownload(address: string): string {
  const hash = createHash('sha256').update(address).digest('hex').slice(0, 12);
  return `${address.replace(/[^\w.-]+/g, '_').slice(0, 120)}_${hash}_${address.includes(ADAPTER_CONFIG) ? ADAPTER_CONFIG : ADAPTER_WEIGHTS}`;
}

/**
 * The two files at an address such as `hf:user/adapter` or `hf:user/adapter/adapter_model.safetensors`.
 * @returns `null` for an address that names another file, or a quantisation
 */
export function peftAddresses(address: string): { readonly name: string; readonly weights: string; readonly config: string } | null {
  const [, repository, name, file, branch = ''] = /^(hf:\/{0,2}[^/#:]+\/([^/#:]+))(\/[^#]*)?(#[^#]*)?$/i.exec(address) ?? [];
  if (repository === undefined || (file !== undefined && ![ADAPTER_WEIGHTS, ADAPTER_CONFIG].some((part) => file.endsWith(`/${part}`)))) return null;
  const folder = `${repository}${(file ?? '/').replace(/[^/]*$/, '')}`;
  return { name: name!, weights: `${folder}${ADAPTER_WEIGHTS}${branch}`, config: `${folder}${ADAPTER_CONFIG}${branch}` };
}
