/**
 * JSON-RPC over `postMessage`: both ends of the conversation between host and results page. The ends differ only in
 * the port they are given, `acquireVsCodeApi()` with the window's `message` event here, a `Webview` there.
 */
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
  type MessageWriter,
} from 'vscode-jsonrpc';

/** What a conversation needs of a window: something that posts, something that hears. */
export interface WindowPort {
  /** A rejected promise is reported as a write error. */
  postMessage(message: unknown): unknown;
  onMessage(listener: (message: unknown) => void): Disposable;
}

/** Hears the port's JSON-RPC messages; whatever else is posted to the same window is passed over. */
export class WindowMessageReader extends AbstractMessageReader implements MessageReader {
  #subscription: Disposable | undefined;

  constructor(private readonly port: WindowPort) {
    super();
  }

  listen(callback: DataCallback): Disposable {
    this.#subscription?.dispose();
    this.#subscription = this.port.onMessage((message) => {
      if (isRpcMessage(message)) callback(message);
    });
    return this.#subscription;
  }

  override dispose(): void {
    this.#subscription?.dispose();
    this.#subscription = undefined;
    super.dispose();
  }
}

/** Posts to the port in the order of the calls. */
export class WindowMessageWriter extends AbstractMessageWriter implements MessageWriter {
  constructor(private readonly port: WindowPort) {
    super();
  }

  async write(message: Message): Promise<void> {
    try {
      await this.port.postMessage(message);
    } catch (error) {
      this.fireError(error, message);
      throw error;
    }
  }

  end(): void {
    this.fireClose();
  }
}

function isRpcMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && (value as { jsonrpc?: unknown }).jsonrpc === '2.0';
}
