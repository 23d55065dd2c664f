/** The smallest Parquet file that readers accept: one row group, plain uncompressed columns of required strings. */

/** Thrift's compact protocol, as far as Parquet's metadata needs it. */
class Thrift {
  readonly bytes: number[] = [];
  #lastField = 0;

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes.push((rest & 0x7f) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.bytes.push(rest);
  }

  #field(id: number, type: number): void {
    this.bytes.push(((id - this.#lastField) << 4) | type);
    this.#lastField = id;
  }

  int(id: number, value: number, type: 5 | 6 = 5): this {
    this.#field(id, type);
    this.#varint(value * 2);
    return this;
  }

  text(id: number, value: string): this {
    this.#field(id, 8);
    return this.#rawText(value);
  }

  struct(id: number, inner: Thrift): this {
    this.#field(id, 12);
    this.bytes.push(...inner.end());
    return this;
  }

  structs(id: number, list: readonly Thrift[]): this {
    this.#field(id, 9);
    this.bytes.push((list.length << 4) | 12, ...list.flatMap((inner) => inner.end()));
    return this;
  }

  ints(id: number, list: readonly number[]): this {
    this.#field(id, 9);
    this.bytes.push((list.length << 4) | 5);
    for (const value of list) this.#varint(value * 2);
    return this;
  }

  texts(id: number, list: readonly string[]): this {
    this.#field(id, 9);
    this.bytes.push((list.length << 4) | 8);
    for (const value of list) this.#rawText(value);
    return this;
  }

  #rawText(value: string): this {
    const utf8 = new TextEncoder().encode(value);
    this.#varint(utf8.length);
    this.bytes.push(...utf8);
    return this;
  }

  end(): number[] {
    return [...this.bytes, 0];
  }
}

const BYTE_ARRAY = 6;
const PLAIN = 0;
const UTF8 = 0;

export function makeParquet(columns: Readonly<Record<string, readonly string[]>>): Uint8Array {
  const names = Object.keys(columns);
  const rows = columns[names[0]!]!.length;
  const file: number[] = [...Buffer.from('PAR1')];
  const chunks = names.map((name) => {
    const values = columns[name]!.flatMap((text) => {
      const utf8 = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(utf8.length);
      return [...length, ...utf8];
    });
    const dataHeader = new Thrift().int(1, rows).int(2, PLAIN).int(3, PLAIN).int(4, PLAIN);
    const page = [...new Thrift().int(1, 0).int(2, values.length).int(3, values.length).struct(5, dataHeader).end(), ...values];
    const offset = file.length;
    file.push(...page);
    const metadata = new Thrift()
      .int(1, BYTE_ARRAY)
      .ints(2, [PLAIN])
      .texts(3, [name])
      .int(4, 0)
      .int(5, rows, 6)
      .int(6, page.length, 6)
      .int(7, page.length, 6)
      .int(9, offset, 6);
    return new Thrift().int(2, offset, 6).struct(3, metadata);
  });
  const schema = [
    new Thrift().text(4, 'schema').int(5, names.length),
    ...names.map((name) => new Thrift().int(1, BYTE_ARRAY).int(3, 0).text(4, name).int(6, UTF8)),
  ];
  const footer = new Thrift()
    .int(1, 1)
    .structs(2, schema)
    .int(3, rows, 6)
    .structs(4, [new Thrift().structs(1, chunks).int(2, file.length, 6).int(3, rows, 6)])
    .end();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Uint8Array.from([...file, ...footer, ...length, ...Buffer.from('PAR1')]);
}

/**
 * One optional column of nothing but nulls, in a few bytes: a run that says how many.
 * @param rows that the file says it has
 * @param values that its only page says it has, and that its run repeats
 */
export function makeParquetOfNulls(rows: number, values: number): Uint8Array {
  const run: number[] = [];
  for (let rest = values * 2; ; rest = Math.floor(rest / 128)) {
    run.push((rest % 128) | (rest >= 128 ? 0x80 : 0));
    if (rest < 128) break;
  }
  const levels = [run.length + 1, 0, 0, 0, ...run, 0];
  const header = new Thrift().int(1, 0).int(2, levels.length).int(3, levels.length).struct(5, new Thrift().int(1, values).int(2, PLAIN).int(3, 3).int(4, 3));
  const page = [...header.end(), ...levels];
  const metadata = new Thrift()
    .int(1, BYTE_ARRAY)
    .ints(2, [PLAIN])
    .texts(3, ['text'])
    .int(4, 0)
    .int(5, rows, 6)
    .int(6, page.length, 6)
    .int(7, page.length, 6)
    .int(9, 4, 6);
  const schema = [new Thrift().text(4, 's').int(5, 1), new Thrift().int(1, BYTE_ARRAY).int(3, 1).text(4, 'text').int(6, UTF8)];
  const group = new Thrift()
    .structs(1, [new Thrift().int(2, 4, 6).struct(3, metadata)])
    .int(2, page.length, 6)
    .int(3, rows, 6);
  const footer = new Thrift().int(1, 1).structs(2, schema).int(3, rows, 6).structs(4, [group]).end();
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Uint8Array.from([...Buffer.from('PAR1'), ...page, ...footer, ...length, ...Buffer.from('PAR1')]);
}
