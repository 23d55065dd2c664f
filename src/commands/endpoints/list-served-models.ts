/** What models a server says that it has. */
import { z } from 'zod';
import { EndpointClient } from '../../models/api/endpoint-client.js';
import type { Headers } from './endpoint-address.js';

export interface ServedModel {
  readonly id: string;
  /** Name of the model that it is an adapter of; vLLM tells. */
  readonly parent?: string;
  /** Tokens; some servers tell. */
  readonly contextLength?: number;
}

const entry = z.looseObject({
  id: z.string().min(1),
  parent: z.string().nullish(),
  max_model_len: z.number().nullish(),
  context_length: z.number().nullish(),
});
/** Together answers with the list itself. */
const answer = z.union([z.looseObject({ data: z.array(z.unknown()) }).transform(({ data }) => data), z.array(z.unknown())]);

export interface ServerAccess {
  readonly endpoint: string;
  readonly key: string | undefined;
  readonly headers: Headers;
  readonly timeoutMs: number;
}

/**
 * In the server's order; none where the answer holds no list of models.
 * @throws EndpointError; AuditError `badPlan`, `cancelled`
 */
export async function listServedModels({ endpoint, key, headers, timeoutMs }: ServerAccess, signal: AbortSignal): Promise<ServedModel[]> {
  const client = new EndpointClient({ baseUrl: endpoint, apiKey: key, headers, secrets: Object.values(headers), timeoutMs });
  return readServedModels(await client.get('/models', signal));
}

export function readServedModels(body: unknown): ServedModel[] {
  const list = answer.safeParse(body);
  const models = (list.data ?? []).flatMap((each) => {
    const { data } = entry.safeParse(each);
    return data ? [data] : [];
  });
  return models.map(({ id, parent, max_model_len, context_length }) => {
    const contextLength = max_model_len ?? context_length;
    return { id, ...(parent && parent !== id && { parent }), ...(contextLength && { contextLength }) };
  });
}
