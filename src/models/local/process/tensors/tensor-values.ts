/** Tensors' data as numbers and back, for the types that arithmetic on weights makes sense for. */

/** ggml's numbers of its types. */
export const TensorType = { F32: 0, F16: 1, Q8_0: 8, BF16: 30 } as const;
export type TensorType = (typeof TensorType)[keyof typeof TensorType];

/** Values per block and bytes per block. */
const BLOCKS: Readonly<Record<TensorType, readonly [values: number, bytes: number]>> = { 0: [1, 4], 1: [1, 2], 8: [32, 34], 30: [1, 2] };

export function isTensorType(type: number): type is TensorType {
  return Object.hasOwn(BLOCKS, type);
}

/** Bytes that so many values take. */
export function bytesOf(type: TensorType, values: number): number {
  const [perBlock, bytes] = BLOCKS[type];
  return (values / perBlock) * bytes;
}

/** Values that so many bytes hold. */
export function valuesOf(type: TensorType, bytes: number): number {
  const [values, perBlock] = BLOCKS[type];
  return (bytes / perBlock) * values;
}

/** Little-endian data of whole blocks as numbers. */
export function decodeValues(type: TensorType, data: Buffer): Float32Array {
  const values = new Float32Array(valuesOf(type, data.length));
  switch (type) {
    case TensorType.F32:
      for (let i = 0; i < values.length; i++) values[i] = data.readFloatLE(4 * i);
      break;
    case TensorType.F16:
      for (let i = 0; i < values.length; i++) values[i] = halfValues()[data.readUInt16LE(2 * i)]!;
      break;
    case TensorType.BF16:
      for (let i = 0; i < values.length; i++) values[i] = floatOf(data.readUInt16LE(2 * i) << 16);
      break;
    case TensorType.Q8_0:
      for (let block = 0; 34 * block < data.length; block++) {
        const unit = halfValues()[data.readUInt16LE(34 * block)]!;
        for (let i = 0; i < 32; i++) values[32 * block + i] = unit * data.readInt8(34 * block + 2 + i);
      }
  }
  return values;
}

/** The nearest that the type can hold, ties to even; Q8_0 as llama.cpp's reference quantises. */
export function encodeValues(type: TensorType, values: Float32Array): Buffer {
  const data = Buffer.allocUnsafe(bytesOf(type, values.length));
  switch (type) {
    case TensorType.F32:
      for (let i = 0; i < values.length; i++) data.writeFloatLE(values[i]!, 4 * i);
      break;
    case TensorType.F16:
      for (let i = 0; i < values.length; i++) data.writeUInt16LE(halfOf(values[i]!), 2 * i);
      break;
    case TensorType.BF16:
      for (let i = 0; i < values.length; i++) data.writeUInt16LE(roundedBits(bitsOf(values[i]!), 16), 2 * i);
      break;
    case TensorType.Q8_0:
      for (let block = 0; 32 * block < values.length; block++) encodeBlock(values.subarray(32 * block, 32 * block + 32), data, 34 * block);
  }
  return data;
}

function encodeBlock(values: Float32Array, data: Buffer, at: number): void {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const unit = Math.fround(largest / 127);
  const inverse = unit === 0 ? 0 : Math.fround(1 / unit);
  data.writeUInt16LE(halfOf(unit), at);
  values.forEach((value, i) => {
    const steps = Math.fround(value * inverse);
    // Half a step goes away from zero there.
    data.writeInt8(Math.max(-127, Math.min(127, Math.sign(steps) * Math.floor(Math.abs(steps) + 0.5))), at + 2 + i);
  });
}

const scratch = new DataView(new ArrayBuffer(4));

function bitsOf(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

function floatOf(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** The bits without their lowest `dropped`, rounded to nearest, ties to even. */
function roundedBits(bits: number, dropped: number): number {
  const unit = 2 ** dropped;
  const kept = Math.floor(bits / unit);
  const rest = bits - kept * unit;
  return rest > unit / 2 || (rest === unit / 2 && kept % 2 === 1) ? kept + 1 : kept;
}

/** Bits of the nearest half-precision number; beyond its range, infinity. */
function halfOf(value: number): number {
  const bits = bitsOf(value);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  const exponent = (magnitude >>> 23) - 112;
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent > 0) return sign | Math.min(0x7c00, roundedBits(magnitude - 0x38000000, 13));
  if (exponent < -10) return sign;
  return sign | roundedBits((magnitude & 0x7fffff) | 0x800000, 14 - exponent);
}

let halves: Float32Array | undefined;

/** What each of the 65536 half-precision numbers is. */
function halfValues(): Float32Array {
  return (halves ??= Float32Array.from({ length: 65536 }, (_, bits) => {
    const sign = bits >= 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 31;
    const fraction = bits & 0x3ff;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (fraction + 1024) * 2 ** (exponent - 25));
  }));
}
