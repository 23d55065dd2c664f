/** Computes through node-llama-cpp's public interface. */
import type { Llama } from 'node-llama-cpp';
import type { Backend } from '../computing.js';
import { NodeLlamaContext } from './node-llama-context.js';

export function createPublicBackend(llama: Llama): Backend {
  return {
    name: 'node-llama-cpp',
    async loadWeights(file, onProgress, signal) {
      const model = await llama.loadModel({ modelPath: file.path, onLoadProgress: onProgress, loadSignal: signal });
      return {
        model,
        trainContextTokens: model.trainContextSize,
        createContext: (shape, adapters, vocabulary, threads) => NodeLlamaContext.create(model, shape, adapters, vocabulary, threads),
        dispose: () => model.dispose(),
      };
    },
  };
}
