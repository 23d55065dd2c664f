/**
 * Where a server's API is. Some servers answer beside `/v1` too, in forms of their own or in part, so that an address without
 * it would lose framings in silence: where the usual place below it lists models, that is the place.
 */
import { readModelList } from '../dialects/answers/model-list.js';
import type { EndpointClient } from './endpoint-client.js';
import { EndpointError } from './endpoint-error.js';

const USUAL = '/v1';

/**
 * What is to be put between the address and the paths of the API.
 * @throws AuditError `cancelled`, `networkForbidden`
 */
export async function findApi(client: EndpointClient, signal: AbortSignal): Promise<'' | '/v1'> {
  if (client.namesVersion) return '';
  try {
    return readModelList(await client.get(`${USUAL}/models`, signal)).length > 0 ? USUAL : '';
  } catch (error) {
    // What asks for a key there is there.
    if (error instanceof EndpointError) return error.status === 401 ? USUAL : '';
    throw error;
  }
}
