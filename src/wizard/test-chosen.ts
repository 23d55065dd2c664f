/** The chosen model is asked what it can do, and taken or refused by that. */
import { l10n, ProgressLocation } from 'vscode';
import { AuditError, isCancelled } from '../audit/errors.js';
import type { EndpointSource } from '../audit/plan.js';
import { askKey } from '../endpoints/ask-secrets.js';
import { describeReport } from '../endpoints/describe-report.js';
import { hostOf, makeEndpointSource } from '../endpoints/endpoint-address.js';
import { listPossible, type EndpointVerdict } from '../endpoints/endpoint-verdict.js';
import type { Endpoints } from '../endpoints/endpoints.js';
import { showEndpointReport } from '../views/endpoint-report.js';
import { askPick, type Choice } from '../editor/ask.js';
import { nameSource } from './choices.js';
import type { EndpointDraft, EndpointQuestion } from './choose-endpoint.js';
import { BACK, CANCELLED, type Step } from '../editor/multi-step.js';
import { withProgress } from '../editor/shown/messages.js';

export type EndpointRole = 'finetuned' | 'reference';
type Picked = 'use' | 'show' | 'again' | 'key' | 'back';

export function testChosen(endpoints: Endpoints, { title, place, role }: EndpointQuestion & { readonly role: EndpointRole }): Step<EndpointDraft> {
  const where = { title, canGoBack: true, ...(place && { place }) };
  return async (answers) => {
    const source = makeEndpointSource(answers.endpoint!, answers.model!);
    let result = await testWithProgress(endpoints, source);
    for (;;) {
      if (isCancelled(result)) return BACK;
      const lines = result instanceof Error ? describeFailure(result, source) : describeVerdict(result, source, role);
      const picked = await askPick<Picked>({
        ...where,
        placeholder: l10n.t('{0} at {1}', source.model, hostOf(source)),
        lines,
        active: lines.find((line) => !line.refusal),
      });
      switch (picked) {
        case 'use':
          return answers;
        case 'show':
          if (!(result instanceof Error)) await showEndpointReport(source, describeReport(source, result));
          break;
        case 'key':
          if ((await askKey(endpoints.secrets, { endpoint: source.endpoint, ...where })) === CANCELLED) return CANCELLED;
          result = await testWithProgress(endpoints, source);
          break;
        case 'again':
          result = await testWithProgress(endpoints, source);
          break;
        case 'back':
          return BACK;
        default:
          return picked;
      }
    }
  };
}

/** Resolves to an error rather than rejecting. */
export async function testWithProgress(endpoints: Endpoints, source: EndpointSource): Promise<EndpointVerdict | Error> {
  const options = { location: ProgressLocation.Notification, title: describeTest(source), cancellable: true };
  return withProgress(options, async (progress, cancellation) => {
    const cancelled = new AbortController();
    const listener = cancellation.onCancellationRequested(() => cancelled.abort());
    try {
      return await endpoints.test(source, cancelled.signal, ({ question }) => progress.report({ message: question }));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      listener.dispose();
    }
  });
}

function describeTest(source: EndpointSource): string {
  return l10n.t('Testing {0} at {1}', source.model, hostOf(source));
}

function describeVerdict(verdict: EndpointVerdict, source: EndpointSource, role: EndpointRole): Choice<Picked>[] {
  const name = nameSource(source);
  const refusal = verdict[role];
  const show: Choice<Picked> = { icon: 'table', label: l10n.t('Show the whole test'), value: 'show' };
  if (refusal === null) {
    const framings = listPossible(verdict.framings).join(', ');
    const detail = role === 'finetuned' ? l10n.t('It can continue a prefill in these framings: {0}', framings) : l10n.t('It gives the logprobs of given text');
    return [{ icon: 'check', label: l10n.t('Use {0}', name), description: hostOf(source), detail, value: 'use' }, show];
  }
  const label = role === 'finetuned' ? l10n.t('{0} cannot be the finetuned model', name) : l10n.t('{0} cannot be the reference model', name);
  return [
    { icon: 'error', label, detail: refusal.reason, value: 'back', refusal: l10n.t('choose another model') },
    { icon: 'arrow-left', label: l10n.t('Choose another model'), detail: refusal.advice, value: 'back' },
    show,
  ];
}

function describeFailure(error: Error, source: EndpointSource): Choice<Picked>[] {
  const again: Choice<Picked> = {
    icon: 'warning',
    label: l10n.t('The test of {0} failed', nameSource(source)),
    description: l10n.t('Enter tests again'),
    detail: error.message,
    value: 'again',
  };
  const other: Choice<Picked> = { icon: 'arrow-left', label: l10n.t('Choose another model'), value: 'back' };
  const wantsKey = error instanceof AuditError && ['keyMissing', 'keyRefused'].includes(error.code);
  return wantsKey ? [{ icon: 'key', label: l10n.t('Enter the key for {0}…', hostOf(source)), value: 'key' }, again, other] : [again, other];
}
