/** Messages of the process that reads a Parquet file. A failure is a sentence. */

export interface OpenParquetRequest {
  readonly kind: 'open';
  /** Its path, or its bytes. */
  readonly source: string | Uint8Array;
}

export interface ReadRequest {
  readonly kind: 'read';
  readonly columns: readonly string[];
  /** First row, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

export type ParquetRequest = OpenParquetRequest | ReadRequest;

export interface OpenAnswer {
  readonly columns: readonly { readonly name: string; readonly isText: boolean }[];
  readonly rows: number;
}

export interface ReadAnswer {
  readonly slice: readonly Readonly<Record<string, unknown>>[];
}

export type ParquetAnswer<R extends ParquetRequest> = R extends OpenParquetRequest ? OpenAnswer : ReadAnswer;
