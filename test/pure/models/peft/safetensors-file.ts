/** Writes small safetensors files, right ones and wrong ones. */
import { writeFileSync } from 'node:fs';

export interface WrittenTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: Buffer;
}

export function float32(values: readonly number[]): Buffer {
  return Buffer.from(Float32Array.from(values).buffer);
}

/** As the format asks; `change` may make it otherwise. */
export function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, WrittenTensor>>,
  change: (header: Record<string, { dtype: string; shape: number[]; data_offsets: number[] }>) => void = () => undefined,
): string {
  let offset = 0;
  const header = Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape, data }]) => [name, { dtype, shape: [...shape], data_offsets: [offset, (offset += data.length)] }]),
  );
  change(header);
  return writeRaw(path, JSON.stringify({ __metadata__: { format: 'pt' }, ...header }), Buffer.concat(Object.values(tensors).map(({ data }) => data)));
}

/** @param length what the file says that the header is long */
export function writeRaw(path: string, header: string, data = Buffer.alloc(0), length = BigInt(Buffer.byteLength(header))): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(length);
  writeFileSync(path, Buffer.concat([bytes, Buffer.from(header), data]));
  return path;
}
