/** The address of a completion's document. What stands in its path is only its title. */
import { Uri } from 'vscode';
import { z } from 'zod';
import { asPathPart } from '../markdown-pages.js';
import { checkShape } from '../../text/check-shape.js';

export const COMPLETION_SCHEME = 'finetune-audit';

export interface CompletionAddress {
  /** Absolute path of the audit's folder. */
  readonly folder: string;
  readonly id: number;
}

const addressSchema = z.strictObject({ folder: z.string().min(1), id: z.int().nonnegative() });

export function makeCompletionUri({ folder, id }: CompletionAddress, title: string): Uri {
  return Uri.from({ scheme: COMPLETION_SCHEME, path: `/${asPathPart(title)}`, query: JSON.stringify({ folder, id }) });
}

/** Undefined where it is the address of no completion. */
export function readCompletionUri(uri: Uri): CompletionAddress | undefined {
  if (uri.scheme !== COMPLETION_SCHEME) return undefined;
  try {
    return checkShape(addressSchema, JSON.parse(uri.query)).data;
  } catch {
    return undefined;
  }
}
