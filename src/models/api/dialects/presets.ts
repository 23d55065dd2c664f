/** Servers that people use, and what to fill in for them. What they really can do is found out by asking them. */
import { isLoopback } from '../transport/loopback.js';

export interface EndpointPreset {
  readonly id: string;
  readonly label: string;
  /** Default base URL; a part in capitals (`RESOURCE`) is to be filled in. */
  readonly baseUrl: string;
  /** Hosts that it is known by beside the base URL's own; one with a leading dot stands for everything below it. */
  readonly otherHosts?: readonly string[];
  readonly keyNeeded: boolean;
  /** Environment variable in which the key customarily is. */
  readonly apiKeyEnv?: string;
  /** What a model name looks like there. */
  readonly modelHint: string;
  /** What is known of its logprobs, in one line. */
  readonly note: string;
}

export const ENDPOINT_PRESETS: readonly EndpointPreset[] = [
  {
    id: 'vllm',
    label: 'vLLM',
    baseUrl: 'http://localhost:8000/v1',
    keyNeeded: false,
    apiKeyEnv: 'VLLM_API_KEY',
    modelHint: 'the name given to --served-model-name, --lora-modules or vllm serve, e.g. my-lora',
    note: 'Logprobs of what it generates and of given text, and token ids.',
  },
  {
    id: 'sglang',
    label: 'SGLang',
    baseUrl: 'http://localhost:30000/v1',
    keyNeeded: false,
    modelHint: 'the name given to --served-model-name or --model-path, e.g. Qwen/Qwen2.5-7B-Instruct',
    note: 'Logprobs of what it generates; those of given text as far as its completions echo them.',
  },
  {
    id: 'llama.cpp',
    label: 'llama.cpp server',
    baseUrl: 'http://localhost:8080/v1',
    keyNeeded: false,
    modelHint: 'the name given to --alias; a server with one model takes any',
    note: 'Logprobs of what it generates; those of given text are not part of its completions.',
  },
  {
    id: 'lm-studio',
    label: 'LM Studio',
    baseUrl: 'http://localhost:1234/v1',
    keyNeeded: false,
    modelHint: 'the model identifier that LM Studio shows, e.g. qwen2.5-7b-instruct',
    note: 'Chat completions may leave out the logprobs they are asked for; none for given text.',
  },
  {
    id: 'ollama',
    label: 'Ollama',
    baseUrl: 'http://localhost:11434/v1',
    keyNeeded: false,
    modelHint: 'as in `ollama list`, e.g. llama3.2:3b',
    note: 'Newer versions give logprobs of what they generate; none for given text.',
  },
  {
    id: 'openai',
    label: 'OpenAI',
    baseUrl: 'https://api.openai.com/v1',
    keyNeeded: true,
    apiKeyEnv: 'OPENAI_API_KEY',
    modelHint: 'e.g. gpt-4o-mini, or your finetuned model: ft:gpt-4o-mini-2024-07-18:my-org::abc123',
    note: 'Logprobs of what models without reasoning generate; none for given text.',
  },
  {
    id: 'azure-openai',
    label: 'Azure OpenAI',
    baseUrl: 'https://RESOURCE.openai.azure.com/openai/v1',
    otherHosts: ['.openai.azure.com', '.services.ai.azure.com'],
    keyNeeded: true,
    apiKeyEnv: 'AZURE_OPENAI_API_KEY',
    modelHint: 'the name of your deployment',
    note: 'As OpenAI: logprobs of what models without reasoning generate.',
  },
  {
    id: 'together',
    label: 'Together AI',
    baseUrl: 'https://api.together.ai/v1',
    otherHosts: ['api.together.xyz'],
    keyNeeded: true,
    apiKeyEnv: 'TOGETHER_API_KEY',
    modelHint: 'PROVIDER/MODEL, e.g. Qwen/Qwen2.5-7B-Instruct-Turbo',
    note: 'Logprobs of what it generates, and with echo of given text; models differ.',
  },
  {
    id: 'fireworks',
    label: 'Fireworks AI',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyNeeded: true,
    apiKeyEnv: 'FIREWORKS_API_KEY',
    modelHint: 'accounts/ACCOUNT/models/MODEL or accounts/ACCOUNT/deployments/DEPLOYMENT',
    note: 'Logprobs of what it generates, and with echo of given text; models differ.',
  },
  {
    id: 'openrouter',
    label: 'OpenRouter',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyNeeded: true,
    apiKeyEnv: 'OPENROUTER_API_KEY',
    modelHint: 'PROVIDER/MODEL, e.g. qwen/qwen-2.5-7b-instruct',
    note: 'Passes on to changing providers, which may serve different builds; some give logprobs.',
  },
];

/** What a server that listens everywhere says of itself. */
const ANY_ADDRESS = '0.0.0.0';

/** The preset of a base URL, by host, or by port where the host is this machine. */
export function presetOf(baseUrl: string): EndpointPreset | undefined {
  if (!URL.canParse(baseUrl)) return undefined;
  const { hostname, port } = new URL(baseUrl);
  return ENDPOINT_PRESETS.find((preset) => {
    const known = new URL(preset.baseUrl);
    if (isLoopback(known.hostname)) return (isLoopback(hostname) || hostname === ANY_ADDRESS) && port === known.port;
    return hostname === known.hostname || (preset.otherHosts ?? []).some((host) => (host.startsWith('.') ? hostname.endsWith(host) : hostname === host));
  });
}
