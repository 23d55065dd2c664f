/** What whoever reads an audit's results must know of a model's server. */
import type { EndpointProfile } from './endpoint-profile.js';

export function listRemarks({ seeds, sampling }: Pick<EndpointProfile, 'seeds' | 'sampling'>, name: string): string[] {
  const used = [sampling.text, sampling.chat].filter((one) => one !== null);
  const remarks: string[] = [];
  if (seeds !== 'honoured') remarks.push(`The server of ${name} ${seeds === 'ignored' ? 'ignores' : 'refuses'} seeds: completions sampled at a temperature above 0 cannot be repeated.`);
  if (used.some(({ plainAt }) => plainAt.greedy === null)) {
    remarks.push(`The server of ${name} names too few tokens to show whether its logprobs are those before temperature and truncation; they are taken to be.`);
  }
  return remarks;
}
