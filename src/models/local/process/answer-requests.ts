/** Every request of the host and what answers it. */
import type { CancellationToken, MessageConnection, RequestHandler, RequestType } from 'vscode-jsonrpc';
import { AuditError, throwIfCancelled } from '../../../audit/errors.js';
import {
  Alternatives,
  CloseModel,
  CompareTokenizers,
  Divergence,
  EstimateMemory,
  Generate,
  InspectFiles,
  MakeSource,
  OpenModel,
  Pieces,
  RenderFrame,
  ReportLoadProgress,
  LogprobsOf,
  StreamCompletion,
  StreamDivergences,
  StreamLogprobs,
  StreamTokens,
  Tokenize,
  type ComputeOptions,
  type GgufFacts,
} from '../../../messages/model-process.js';
import type { ErrorData } from '../../../messages/answer-request.js';
import { renderFrame } from './chat-template.js';
import { compareTokenizers } from './compare-tokenizers.js';
import type { WaveHooks } from './computing.js';
import { loadEngine, type Engine, type WriteLog } from './engine.js';
import { givesNoDistributions, requireComparable, requireWritableAway } from './divergence-errors.js';
import { signalOf, toResponseError } from './errors-across.js';
import { estimateSources } from './estimate-sources.js';
import { ModelStore } from './model-store.js';
import { openModel, type UsedModel, type Report } from './open-model.js';
import { readFacts } from './file-facts.js';
import { makeSource } from './tensors/make-source.js';
import { Turnstile } from './turnstile.js';

interface Running {
  readonly engine: Engine;
  readonly store: ModelStore;
}

/** Installs the handlers on a connection that is not listening yet. */
export function answerModelRequests(connection: MessageConnection, log: WriteLog): void {
  let running: Promise<Running> | undefined;
  let engine: Engine | undefined;
  const models = new Map<number, UsedModel>();
  // Two models that compute at once would fight for the same cores, and opening must see what is loaded.
  const loading = new Turnstile();
  const computing = new Turnstile();
  let lastHandle = 0;

  const start = ({ gpu, engine: choice }: ComputeOptions): Promise<Running> => {
    running ??= loadEngine(gpu, choice, log).then((loaded) => {
      engine = loaded;
      return { engine: loaded, store: new ModelStore(loaded) };
    });
    running.catch(() => (running = undefined));
    return running;
  };
  const modelOf = (handle: number): UsedModel => {
    const model = models.get(handle);
    if (model === undefined) throw new AuditError('refused', 'The model is no longer open. Open it again.');
    return model;
  };
  const hooksFor = (streamToken: string, signal: AbortSignal): WaveHooks => ({
    beforeStep: () => {
      throwIfCancelled(signal);
      engine?.threads.adjust();
    },
    onTokens: (tokens) => void connection.sendNotification(StreamTokens, { streamToken, tokens }),
  });
  const answer = <P, R>(type: RequestType<P, R, ErrorData>, handle: (params: P, signal: AbortSignal) => Promise<R> | R): void => {
    const handler = async (params: P, token: CancellationToken): Promise<R> => {
      try {
        return await handle(params, signalOf(token));
      } catch (error) {
        throw toResponseError(error);
      }
    };
    connection.onRequest(type, handler as RequestHandler<P, R, ErrorData>);
  };

  answer(OpenModel, (params, signal) =>
    loading.pass(signal, async () => {
      const { engine: loaded, store } = await start(params.compute);
      const { progressToken } = params;
      const report: Report = (progress) => void connection.sendNotification(ReportLoadProgress, { progressToken, ...progress });
      const model = await openModel(loaded, store, params, report, log, signal);
      const handle = ++lastHandle;
      models.set(handle, model);
      return { handle, identity: model.identity, capabilities: model.capabilities, remarks: model.remarks };
    }),
  );
  answer(CloseModel, ({ handle }, signal) =>
    loading.pass(signal, () =>
      computing.pass(signal, async () => {
        const model = models.get(handle);
        models.delete(handle);
        await model?.release();
        return null;
      }),
    ),
  );
  answer(EstimateMemory, (params, signal) =>
    loading.pass(signal, async () => {
      const { engine: loaded, store } = await start(params.compute);
      return estimateSources(loaded, store, params, signal);
    }),
  );
  answer(InspectFiles, (params, signal) =>
    loading.pass(signal, async () => {
      const { engine: loaded } = await start(params.compute);
      const facts: (GgufFacts | null)[] = [];
      for (const path of params.paths) {
        throwIfCancelled(signal);
        facts.push(await readFacts(path, loaded.library));
      }
      return facts;
    }),
  );
  answer(MakeSource, (params, signal) => loading.pass(signal, async () => makeSource((await start(params.compute)).engine, params, signal)));
  answer(Tokenize, ({ handle, texts, parseSpecial }) => {
    const { vocabulary } = modelOf(handle).weights;
    return texts.map((text) => vocabulary.tokenize(text, parseSpecial));
  });
  answer(Pieces, ({ handle, ids }) => {
    const { vocabulary } = modelOf(handle).weights;
    return ids.map((id) => vocabulary.piece(id));
  });
  answer(CompareTokenizers, ({ handle, other }) => compareTokenizers(modelOf(handle).tokenizer, modelOf(other).tokenizer));
  answer(RenderFrame, ({ handle, request }, signal) => renderFrame(modelOf(handle).framing, request, signal));
  answer(Generate, ({ handle, wave, away, streamToken }, signal) =>
    computing.pass(signal, async () => {
      const model = modelOf(handle);
      const other = away && modelOf(away.other);
      if (other) requireWritableAway(model.identity, other.identity, wave);
      await model.context.generate(
        wave,
        (completion) => void connection.sendNotification(StreamCompletion, { streamToken, completion }),
        hooksFor(streamToken, signal),
        other && { other: other.context, strength: away.strength },
      );
      return null;
    }),
  );
  answer(LogprobsOf, ({ handle, wave, streamToken }, signal) =>
    computing.pass(signal, async () => {
      await modelOf(handle).context.logprobsOf(
        wave,
        (logprobs) => void connection.sendNotification(StreamLogprobs, { streamToken, logprobs }),
        hooksFor(streamToken, signal),
      );
      return null;
    }),
  );
  answer(Divergence, ({ handle, other, wave, contributions, streamToken }, signal) =>
    computing.pass(signal, async () => {
      const [model, reference] = [modelOf(handle), modelOf(other)];
      requireComparable(model.identity, reference.identity);
      if (model.context.divergence === undefined) throw givesNoDistributions(model.identity);
      await model.context.divergence(
        reference.context,
        wave,
        contributions,
        (divergences) => void connection.sendNotification(StreamDivergences, { streamToken, divergences }),
        hooksFor(streamToken, signal),
      );
      return null;
    }),
  );
  answer(Alternatives, ({ handle, prompt, count }, signal) => computing.pass(signal, () => modelOf(handle).context.alternatives(prompt, count)));
}
