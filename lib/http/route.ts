// What a route is: where it stands, what it takes and answers as schemas, and what it does.
import type { Context } from 'hono';
import type { TObject, TSchema } from 'typebox';
import type { Clock } from '../base/clock.ts';
import type { Dice } from '../base/dice.ts';
import type { Broker, GroupBroker, ProduceRequest, RecordBroker } from '../broker/broker.ts';

/** One answered request. `error` is set where the answer is 5xx. */
export interface RequestLogEntry {
  readonly method: string;
  /** The route's path with its parameters' names, or the path as it came where no route has it. */
  readonly path: string;
  readonly status: number;
  /** Until the answer's head was ready; a stream goes on after it. */
  readonly durationMs: number;
  readonly error?: unknown;
}

/** What routes need of the process that serves them; `Part` is the part of the broker that they ask. */
export interface HttpDeps<Part = Broker> {
  readonly broker: Part;
  readonly clock: Clock;
  readonly dice: Dice;
  /**
   * Takes over what acks=0 produces, whose answer is already on its way. Resolves when it is handed over, and throws
   * (THROTTLING_QUOTA_EXCEEDED, RECORD_LIST_TOO_LARGE) where it cannot be; nothing is produced then. Absent: acks=0 is
   * refused.
   */
  readonly produceLater?: (requests: readonly ProduceRequest[]) => Promise<void>;
  /** Called once for each request, after its handler. */
  readonly onRequest?: (entry: RequestLogEntry) => void;
  /** Ends event streams cleanly after so long, for a process that is stopped at a known time. Default: never. */
  readonly streamMsMax?: number;
}

/** Which function serves a route on AWS. */
export type RouteGroup = 'produce' | 'consume' | 'admin';

export interface RouteAnswer {
  readonly description: string;
  /** By media type; none: no body. */
  readonly content?: Readonly<Record<string, TSchema>>;
}

/** `Part` is the part of the broker that it asks: a process that has no more can serve it. */
export interface Route<Part = Broker> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As OpenAPI writes it: `/topics/{topic}`. */
  readonly path: string;
  readonly group: RouteGroup;
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly query?: TObject;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: TSchema }>>;
  /** Request bodies by media type. */
  readonly body?: { readonly required: boolean; readonly content: Readonly<Record<string, TSchema>> };
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** The statuses of errors beyond those that every route may answer. */
  readonly errors: readonly number[];
  readonly handle: (c: Context, deps: HttpDeps<Part>) => Promise<Response>;
}

/** Who reads and writes records. */
export type RecordDeps = HttpDeps<RecordBroker>;
export type RecordRoute = Route<RecordBroker>;

/** Who consumes, by themselves or in groups. */
export type ConsumeDeps = HttpDeps<RecordBroker & GroupBroker>;
export type ConsumeRoute = Route<RecordBroker & GroupBroker>;
