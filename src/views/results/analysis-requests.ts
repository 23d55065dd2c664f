/** Requests of a results page to the audit's analysis, computed without blocking the extension host. */
import type { AnswersTo } from '../../messages/declare-request.js';
import type { PageRequests } from '../../messages/page-requests.js';
import type { AuditSession } from '../../runner/run/audit-session.js';
import type { Steps } from '../../text/slices.js';
import { computeInSlices } from '../../runner/in-slices.js';

export type AnalysedSession = Pick<AuditSession, 'analysis' | 'status'>;

/**
 * @param session whose analysis is that of the pass which is shown when it is asked
 * @param closed aborted when nobody waits for answers any longer
 */
export function answerAnalysisRequests(session: AnalysedSession, closed: AbortSignal) {
  /** One computation at a time, whoever asks: what one finds, the next need not. */
  let last: Promise<unknown> = Promise.resolve();
  const compute = <T>(steps: () => Steps<T>): Promise<T> => {
    const answer = last.then(() => computeInSlices(steps(), closed));
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    fetchOverview: ({ framing }) => {
      const { analysis } = session;
      return compute(() => analysis.overview(framing, ['queued', 'loading', 'running'].includes(session.status.state)));
    },
    fetchGroups: () => {
      const { analysis } = session;
      return compute(() => analysis.groups());
    },
    countKeywords: async ({ sets, score }) => {
      const { analysis } = session;
      const { together, framings, sets: bySet, reference } = await compute(() => analysis.keywords(sets, score));
      return { together, framings: [...framings], sets: bySet, reference: reference && { together: reference.together, framings: [...reference.framings] } };
    },
  } satisfies Partial<AnswersTo<PageRequests>>;
}
