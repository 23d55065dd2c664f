/** What VS Code remembers and keeps secret, in a map; values pass through JSON as they do there. */
import type { SecretBox } from '../../../src/endpoints/endpoint-secrets.js';
import type { Memory } from '../../../src/editor/memory.js';

export class MapMemory implements Memory {
  readonly values = new Map<string, string>();
  get<T>(key: string): T | undefined {
    const text = this.values.get(key);
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }
  async update(key: string, value: unknown): Promise<void> {
    this.values.set(key, JSON.stringify(value));
  }
}

export class MapBox implements SecretBox {
  readonly values = new Map<string, string>();
  async get(key: string): Promise<string | undefined> {
    return this.values.get(key);
  }
  async store(key: string, value: string): Promise<void> {
    this.values.set(key, value);
  }
  async delete(key: string): Promise<void> {
    this.values.delete(key);
  }
}
