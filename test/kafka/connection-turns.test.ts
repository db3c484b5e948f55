// Who is read while the memory for requests is spent, and who is ended for it.
import { afterEach, describe, expect, it } from 'vitest';
import {
  boundReports,
  PERIOD_MS,
  REPORTS_PER_PERIOD,
  type ReportedEnd,
} from '../../lib/kafka/end-reports.ts';
import { checkKafkaLimits, KAFKA_LIMITS } from '../../lib/kafka/limits.ts';
import { FrameSplitter } from '../../lib/kafka/frame-splitter.ts';
import { DESCRIBE_CLUSTER } from '../../lib/kafka/protocol/apis/60-describe-cluster.ts';
import { ReadingTurns, type Reading } from '../../lib/kafka/reading-turns.ts';
import { BrokerError } from '../../lib/base/errors.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { startTestGateway, type GatewayUnderTest } from './support/test-gateway.ts';

const LIMITS = {
  requestBytesMax: 1_000,
  connectionBytesMin: 10,
  connectionBytesMax: 400,
  frameMsMax: 20_000,
};

/** A connection amid a frame of so many bytes, which notes what is done to it. */
class FakeReading implements Reading {
  readonly #turns: ReadingTurns;
  readonly frameBytes: number;
  readonly frameBeganAtMs: number;
  heldBytes = 0;
  receivedAtMs: number;
  isAmidFrame = true;
  mayRead = true;
  error: BrokerError | undefined;

  constructor(turns: ReadingTurns, frameBytes: number, nowMs: number) {
    this.#turns = turns;
    this.frameBytes = frameBytes;
    this.frameBeganAtMs = nowMs;
    this.receivedAtMs = nowMs;
    turns.join(this);
  }

  get lackingBytes(): number {
    return this.frameBytes - this.heldBytes;
  }

  receive(bytes: number): void {
    this.heldBytes += bytes;
    this.#turns.take(bytes);
    this.wake();
  }

  wake(): void {
    this.mayRead = this.#turns.mayRead(this);
  }

  answered(): void {
    const bytes = this.heldBytes;
    this.heldBytes = 0;
    this.#turns.giveBack(this, bytes);
    this.wake();
  }

  end(error: BrokerError): void {
    this.error = error;
    const bytes = this.heldBytes;
    this.heldBytes = 0;
    this.#turns.giveBack(this, bytes);
    this.#turns.leave(this);
  }
}

function setUp() {
  const clock = createManualClock();
  const turns = new ReadingTurns(clock, LIMITS);
  return { clock, turns, open: (frameBytes: number) => new FakeReading(turns, frameBytes, clock.now()) };
}

describe('turns', () => {
  it('nobody waits while there is room', () => {
    const { open } = setUp();
    const one = open(300);
    one.receive(299);
    expect(one.mayRead).toBe(true);
  });

  it('who holds little is read though all is spent', () => {
    const { open } = setUp();
    for (let at = 0; at < 4; at++) open(2_000).receive(399);
    const small = open(50);
    small.receive(9);
    expect(small.mayRead).toBe(true);
  });

  it('of larger frames one at a time is read, and the next when that was answered', () => {
    const { open } = setUp();
    const [first, second] = [open(5_000), open(5_000)];
    first.receive(400);
    second.receive(400);
    expect([first.mayRead, second.mayRead]).toEqual([true, false]);
    first.receive(4_600);
    expect([first.mayRead, second.mayRead]).toEqual([true, false]);
    first.answered();
    expect(second.mayRead).toBe(true);
  });

  it('short frames go before long ones', () => {
    const { open } = setUp();
    const long = [open(5_000), open(5_000), open(5_000)];
    for (const one of long) one.receive(390);
    const short = open(40);
    short.receive(20);
    expect(short.mayRead).toBe(false);
    // The turn that the third had got by the last of its bytes.
    long[2]?.answered();
    expect(short.mayRead).toBe(true);
  });

  it('silence passes a turn on, and what lasts too long is ended, which wakes those who wait', async () => {
    const { open, clock } = setUp();
    const silent = [open(5_000), open(5_000), open(5_000)];
    for (const one of silent) one.receive(390);
    await clock.advance(5_000);
    const waiting = open(300);
    waiting.receive(100);
    const another = open(300);
    another.receive(50);
    expect([silent[2]?.mayRead, waiting.mayRead, another.mayRead]).toEqual([true, false, false]);
    await clock.advance(500);
    expect(waiting.mayRead).toBe(true);
    for (let step = 0; step < 40 && !silent[0]?.error; step++) {
      waiting.receivedAtMs = clock.now();
      await clock.advance(500);
    }
    expect(silent.map((one) => one.error?.code)).toEqual(Array(3).fill('REQUEST_TIMED_OUT'));
    expect([another.error, another.mayRead]).toEqual([undefined, true]);
    expect(silent[0]?.error?.message).toContain('390 bytes of one still lack 4610 after 20000 ms');
  });

  it('limits that contradict each other are refused', () => {
    expect(() => checkKafkaLimits({ ...KAFKA_LIMITS, connectionBytesMax: 1 })).toThrow('65536 to 1 bytes');
  });
});

describe('many connections that begin large frames', () => {
  let under: GatewayUnderTest | undefined;
  afterEach(() => under?.stop());

  it('are held back, then ended, while small requests are answered all the while', async () => {
    const gateway = await startTestGateway({ limits: { frameMsMax: 1_500 } });
    under = gateway;
    const greedy = await Promise.all(Array.from({ length: 8 }, () => gateway.connect()));
    const before = process.memoryUsage().arrayBuffers;
    const size = Buffer.alloc(4);
    size.writeInt32BE(40_000_000);
    const most = Buffer.alloc(39_000_000);
    for (const client of greedy) {
      client.sendRaw(size);
      client.sendRaw(most);
    }
    const small = await gateway.connect();
    const cluster = {
      includeClusterAuthorizedOperations: false,
      endpointType: 1,
      includeFencedBrokers: false,
    };
    let mostBytes = 0;
    // The last of them may stay: it keeps nobody waiting.
    while (!gateway.ends.some((error) => error?.code === 'REQUEST_TIMED_OUT')) {
      await small.send(DESCRIBE_CLUSTER, 1, cluster);
      mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers - before - most.length);
    }
    // All of it would be 312 MB; what is held is the limit of all, and one frame.
    expect(mostBytes).toBeLessThan(150_000_000);
  });
});

describe('frames', () => {
  it('that come in tiny pieces are the same', () => {
    const splitter = new FrameSplitter(() => 1_000_000);
    const bodies = [0, 1, 3, 500, 9_000, 2].map((length, at) => Buffer.alloc(length, at + 1));
    const sent = Buffer.concat(
      bodies.flatMap((body) => {
        const size = Buffer.alloc(4);
        size.writeInt32BE(body.length);
        return [size, body];
      }),
    );
    for (const pieceBytes of [1, 2, 3, 5, 17, 1_000, 4_099, sent.length]) {
      const frames: Buffer[] = [];
      for (let at = 0; at < sent.length; at += pieceBytes) {
        frames.push(...splitter.push(sent.subarray(at, at + pieceBytes)));
      }
      expect(frames).toEqual(bodies);
      expect([splitter.bufferedBytes, splitter.lackingBytes]).toEqual([0, 0]);
    }
  });
});

describe('reports of ended connections', () => {
  const client = { clientHost: '/127.0.0.1', clientPort: 1 };
  const error = new BrokerError('INVALID_REQUEST', 'garbage');

  it('are some of a flood, and say how many were left out', async () => {
    const clock = createManualClock();
    const told: ReportedEnd[] = [];
    const report = boundReports(clock, (end) => told.push(end));
    for (let at = 0; at < 1_000; at++) report({ ...client, error });
    expect(told.length).toBe(REPORTS_PER_PERIOD);
    await clock.advance(PERIOD_MS);
    report({ ...client, error });
    expect(told.at(-1)).toEqual({ ...client, error, untold: 1_000 - REPORTS_PER_PERIOD });
    await clock.advance(PERIOD_MS);
    report({ ...client, error });
    expect(told.at(-1)?.untold).toBe(0);
  });

  it('are none of clients that have gone', () => {
    const told: ReportedEnd[] = [];
    boundReports(createManualClock(), (end) => told.push(end))({ ...client, error: undefined });
    expect(told).toEqual([]);
  });
});
