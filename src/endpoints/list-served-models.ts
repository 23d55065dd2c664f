/** Lists the models that a server says it has. */
import { readModelList } from '../models/api/dialects/answers/model-list.js';
import { EndpointClient, type EndpointClientOptions } from '../models/api/transport/endpoint-client.js';
import { findApi } from '../models/api/transport/find-api.js';

export interface ServedModel {
  readonly id: string;
  /** Name of the model that it is an adapter of; vLLM tells. */
  readonly parent?: string;
  /** Tokens; some servers tell. */
  readonly contextLength?: number;
}

/**
 * In the server's order; none where the answer holds no list of models.
 * @throws EndpointError; AuditError `badPlan`, `networkForbidden`, `cancelled`
 */
export async function listServedModels(options: EndpointClientOptions, signal: AbortSignal): Promise<ServedModel[]> {
  const client = new EndpointClient(options);
  return readServedModels(await client.get(`${await findApi(client, signal)}/models`, signal));
}

export function readServedModels(answer: unknown): ServedModel[] {
  return readModelList(answer).map(({ id, parent, max_model_len, context_length }) => {
    const contextLength = max_model_len ?? context_length;
    return { id, ...(parent && parent !== id && { parent }), ...(contextLength && { contextLength }) };
  });
}
