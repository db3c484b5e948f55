// Members of groups, whichever client they are of: what each has, and what each was given.
import type { Consumer as PlatformaticConsumer } from '@platformatic/kafka';
import { kafkaJs, readOf as readOfKafkaJs } from './kafkajs.ts';
import { consumerOf, readOf } from './platformatic.ts';
import {
  GO_CLIENT,
  JAVA_CLIENT,
  linesOf,
  recordsOf,
  startGo,
  startJava,
  type StartProgram,
} from './programs.ts';
import type { ReadRecord } from './records.ts';

export interface Member {
  /** `topic-partition` of all that it has now, sorted; undefined: it has joined nothing yet. */
  readonly assigned: () => readonly string[] | undefined;
  readonly records: () => readonly ReadRecord[];
  /** How often its assignment was told anew. */
  readonly changes: () => number;
  /** Ends it as its users would: it commits, and leaves where its kind leaves. */
  readonly stop: () => Promise<void>;
}

export interface MemberOptions {
  readonly kafka: string;
  readonly groupId: string;
  readonly topic: string;
  /** A static member. */
  readonly instanceId?: string;
}

export interface MemberKind {
  readonly name: string;
  readonly missing?: string | undefined;
  /** It has static members, and ends them without leaving: they are expected again. */
  readonly keepsStaticMembers: boolean;
  readonly start: (options: MemberOptions) => Promise<Member>;
}

/** The least that is allowed. */
const SESSION_TIMEOUT_MS = 6_000;
const HEARTBEAT_MS = 500;

const namesOf = (topic: string, partitions: readonly number[]): readonly string[] =>
  partitions.map((partition) => `${topic}-${partition}`).toSorted();

async function startKafkaJs({ kafka, groupId, topic }: MemberOptions): Promise<Member> {
  const consumer = kafkaJs(kafka).consumer({
    ...{ groupId, sessionTimeout: SESSION_TIMEOUT_MS, heartbeatInterval: HEARTBEAT_MS, maxWaitTimeInMs: 200 },
  });
  let assigned: readonly string[] | undefined;
  let changes = 0;
  const records: ReadRecord[] = [];
  consumer.on('consumer.group_join', ({ payload }) => {
    assigned = namesOf(topic, payload.memberAssignment[topic] ?? []);
    changes += 1;
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ topic: of, partition, message }) => {
      records.push(readOfKafkaJs(of, partition, message));
      return Promise.resolve();
    },
  });
  return {
    assigned: () => assigned,
    records: () => records,
    changes: () => changes,
    stop: () => consumer.disconnect(),
  };
}

const assignedOf = ({ assignments }: PlatformaticConsumer): readonly string[] | undefined =>
  assignments?.flatMap(({ topic, partitions }) => namesOf(topic, partitions)).toSorted();

const startPlatformatic =
  (groupProtocol: 'classic' | 'consumer') =>
  async ({ kafka, groupId, topic }: MemberOptions): Promise<Member> => {
    const consumer = consumerOf(kafka, groupId, {
      groupProtocol,
      ...(groupProtocol === 'classic' && {
        ...{ sessionTimeout: SESSION_TIMEOUT_MS, heartbeatInterval: HEARTBEAT_MS, rebalanceTimeout: 10_000 },
      }),
    });
    let changes = 0;
    consumer.on('consumer:group:join', () => {
      changes += 1;
    });
    const stream = await consumer.consume({
      ...{ topics: [topic], mode: 'committed', fallbackMode: 'earliest', autocommit: 200 },
    });
    const records: ReadRecord[] = [];
    stream.on('data', (message) => records.push(readOf(message)));
    return {
      assigned: () => assignedOf(consumer),
      records: () => records,
      changes: () => changes,
      stop: () => consumer.close(true),
    };
  };

/** The last line of a kind says what it has. */
function assignedBy(stdout: string): readonly string[] | undefined {
  const last = linesOf(stdout).findLast(([kind]) => kind === 'assigned');
  return last?.[1]?.split(',').filter((name) => name !== '');
}

const startOf =
  (program: StartProgram, settings: (options: MemberOptions) => readonly string[]) =>
  (options: MemberOptions): Promise<Member> => {
    const running = program(['member', options.kafka, ...settings(options)]);
    return Promise.resolve({
      assigned: () => assignedBy(running.stdout()),
      records: () => recordsOf(running.stdout()),
      changes: () => linesOf(running.stdout()).filter(([kind]) => kind !== 'record').length,
      stop: async () => {
        running.process.stdin?.end();
        const { exitCode, stderr } = await running.ended;
        if (exitCode !== 0) throw new Error(`a member ended with ${exitCode}: ${stderr}`);
      },
    });
  };

const javaSettings =
  (protocol: 'classic' | 'consumer') =>
  ({ topic, groupId, instanceId }: MemberOptions): readonly string[] => [
    ...[topic, `group.id=${groupId}`, `group.protocol=${protocol}`, 'auto.offset.reset=earliest'],
    // Static members have the default, which is longer than a program takes to start on a busy machine.
    ...(protocol === 'classic' && instanceId === undefined
      ? [`session.timeout.ms=${SESSION_TIMEOUT_MS}`, `heartbeat.interval.ms=${HEARTBEAT_MS}`]
      : []),
    ...(instanceId === undefined ? [] : [`group.instance.id=${instanceId}`]),
  ];

const goSettings = ({ topic, groupId, instanceId }: MemberOptions): readonly string[] => [
  ...[`topic=${topic}`, `group=${groupId}`, ...(instanceId === undefined ? [] : [`instance=${instanceId}`])],
];

/** Every kind of member: each client with each protocol that it speaks. */
export const MEMBER_KINDS: readonly MemberKind[] = [
  { name: 'kafkajs', keepsStaticMembers: false, start: startKafkaJs },
  // Its static members leave when they are closed.
  { name: 'platformatic, classic', keepsStaticMembers: false, start: startPlatformatic('classic') },
  {
    name: 'platformatic, consumer protocol',
    keepsStaticMembers: false,
    start: startPlatformatic('consumer'),
  },
  {
    ...{ name: 'java, classic', missing: JAVA_CLIENT.missing, keepsStaticMembers: true },
    start: startOf(startJava, javaSettings('classic')),
  },
  {
    ...{ name: 'java, consumer protocol', missing: JAVA_CLIENT.missing, keepsStaticMembers: true },
    start: startOf(startJava, javaSettings('consumer')),
  },
  { name: 'go', missing: GO_CLIENT.missing, keepsStaticMembers: true, start: startOf(startGo, goSettings) },
];
