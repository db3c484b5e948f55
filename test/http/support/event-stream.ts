// Reads server-sent events as a browser does (https://html.spec.whatwg.org/multipage/server-sent-events.html).

export interface StreamEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

export interface EventReader {
  /** The next `count` events; fewer where the stream ends before. */
  next(count: number): Promise<StreamEvent[]>;
  /** The last event id, which ids without data set too. */
  readonly lastEventId: string;
  /** Comments so far. */
  readonly comments: string[];
  cancel(): Promise<void>;
}

export function readEvents(response: Response): EventReader {
  const reader = (response.body as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream())
    .getReader();
  const comments: string[] = [];
  const ready: StreamEvent[] = [];
  let text = '';
  let lastEventId = '';
  let event = '';
  let data: string[] = [];

  const takeLine = (line: string): void => {
    if (line === '') {
      if (data.length > 0) ready.push({ id: lastEventId, event: event || 'message', data: data.join('\n') });
      event = '';
      data = [];
    } else if (line.startsWith(':')) comments.push(line);
    else {
      const [field, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)];
      const bare = value.startsWith(' ') ? value.slice(1) : value;
      if (field === 'id') lastEventId = bare;
      if (field === 'event') event = bare;
      if (field === 'data') data.push(bare);
    }
  };
  const readMore = async (): Promise<boolean> => {
    const { done, value } = await reader.read();
    if (done) return false;
    const lines = (text + value).split(/\r\n|\n|\r/);
    text = lines.pop() ?? '';
    lines.forEach(takeLine);
    return true;
  };
  return {
    next: async (count) => {
      while (ready.length < count && (await readMore()));
      return ready.splice(0, count);
    },
    get lastEventId() {
      return lastEventId;
    },
    comments,
    cancel: () => reader.cancel(),
  };
}
