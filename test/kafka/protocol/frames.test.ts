// Headers and frames: which header goes with which version, what stands where, and what is refused before it is read.
import { describe, expect, test } from 'vitest';
import { AssertionError } from '../../../lib/base/assert.ts';
import { BrokerError } from '../../../lib/base/errors.ts';
import { API_SCHEMAS } from '../../../lib/kafka/protocol/api-schemas.ts';
import { METADATA } from '../../../lib/kafka/protocol/apis/03-metadata.ts';
import { HEARTBEAT } from '../../../lib/kafka/protocol/apis/12-heartbeat.ts';
import { API_VERSIONS } from '../../../lib/kafka/protocol/apis/18-api-versions.ts';
import {
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
} from '../../../lib/kafka/protocol/frames.ts';
import { readRequestHeader } from '../../../lib/kafka/protocol/headers.ts';
import { createReader } from '../../../lib/kafka/protocol/reader.ts';
import { array, field, int32, string, struct } from '../../../lib/kafka/protocol/schema.ts';
import { layoutOf } from '../../../lib/kafka/protocol/layout.ts';
import { includesVersion } from '../../../lib/kafka/protocol/versions.ts';
import { MESSAGE_KINDS } from './arbitraries.ts';

/** A frame in hex, without its size, which is right. */
function unsized(chunks: readonly Uint8Array[]): string {
  const frame = Buffer.concat(chunks);
  expect(frame.readInt32BE(0)).toBe(frame.length - 4);
  return frame.toString('hex', 4);
}

const joined = (hex: string): string => hex.replaceAll(' ', '');
const bytesOf = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

const HEARTBEAT_BODY = { groupId: 'g', generationId: 5, memberId: 'm', groupInstanceId: null };

describe('a request', () => {
  test('before flexible versions has no tagged fields', () => {
    const header = { apiKey: 12, apiVersion: 3, correlationId: 77, clientId: 'c' };
    const expected = '000c 0003 0000004d 0001 63 0001 67 00000005 0001 6d ffff';
    const frame = encodeRequest(HEARTBEAT, header, HEARTBEAT_BODY);
    expect(unsized(frame)).toBe(joined(expected));
    const reader = createReader(Buffer.concat(frame).subarray(4));
    expect(readRequestHeader(reader)).toEqual(header);
    expect(decodeRequest(HEARTBEAT, 3, reader)).toEqual(HEARTBEAT_BODY);
  });

  test('in flexible versions has them, and still a client id that is not compact', () => {
    const header = { apiKey: 12, apiVersion: 4, correlationId: 77, clientId: null };
    const expected = '000c 0004 0000004d ffff 00 02 67 00000005 02 6d 00 00';
    const frame = encodeRequest(HEARTBEAT, header, HEARTBEAT_BODY);
    expect(unsized(frame)).toBe(joined(expected));
  });

  test('has a header that is read also if it is of an unknown API or a later version', () => {
    expect(readRequestHeader(createReader(bytesOf('03e7 0002 00000001 0001 63')))).toEqual({
      ...{ apiKey: 999, apiVersion: 2, correlationId: 1, clientId: 'c' },
    });
    const future = createReader(bytesOf('0012 0009 00000001 ffff 01 05 02 ffff 00'));
    expect(readRequestHeader(future)).toMatchObject({ apiKey: 18, apiVersion: 9 });
    expect(future.at).toBe(future.end - 1);
  });

  test('of a version that the API has not is UNSUPPORTED_VERSION before a byte is read', () => {
    const reader = createReader(bytesOf('00'));
    expect(() => decodeRequest(HEARTBEAT, 5, reader)).toThrow(
      new BrokerError('UNSUPPORTED_VERSION', 'Heartbeat has versions 0 to 4, got 5'),
    );
    expect(reader.at).toBe(0);
    expect(() => readRequestHeader(createReader(bytesOf('000c ffff 00000001 ffff')))).toThrow(
      'API key 12 has no version -1',
    );
  });

  test('that is malformed says which it was and where', () => {
    const refused = (): unknown => decodeRequest(HEARTBEAT, 4, createReader(bytesOf('09 67')));
    expect(refused).toThrow('Heartbeat request 4: byte 1 should be followed by 8 bytes, got 1');
  });

  test('may be followed by bytes that are not its own', () => {
    const reader = createReader(bytesOf('02 67 00000005 02 6d 00 00 beef'));
    expect(decodeRequest(HEARTBEAT, 4, reader)).toEqual(HEARTBEAT_BODY);
    expect(reader.end - reader.at).toBe(2);
  });

  test('may have null only in the versions that have it', () => {
    expect(decodeRequest(METADATA, 1, createReader(bytesOf('ffffffff'))).topics).toBeNull();
    const refused = (): unknown => decodeRequest(METADATA, 0, createReader(bytesOf('ffffffff')));
    expect(refused).toThrow('Metadata request 0: null before byte 4, where this version has none');
  });
});

describe('a response', () => {
  test('before flexible versions has no tagged fields, in them it has', () => {
    expect(unsized(encodeResponse(HEARTBEAT, 3, 77, { errorCode: 27 }))).toBe('0000004d00000000001b');
    expect(unsized(encodeResponse(HEARTBEAT, 4, 77, { errorCode: 27 }))).toBe('0000004d0000000000001b00');
  });

  test('to ApiVersions has the oldest header in every version', () => {
    const body = { errorCode: 0, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] };
    expect(unsized(encodeResponse(API_VERSIONS, 4, 77, body))).toBe(
      joined('0000004d 0000 02 0012 0000 0004 00 00000000 00'),
    );
  });

  test('is read as it was written', () => {
    const frame = Buffer.concat(encodeResponse(HEARTBEAT, 4, 77, { throttleTimeMs: 3, errorCode: 27 }));
    expect(decodeResponse(HEARTBEAT, 4, createReader(frame.subarray(4)))).toEqual({
      ...{ correlationId: 77, body: { throttleTimeMs: 3, errorCode: 27 } },
    });
  });

  test('without a value that it must have, or with null where none is, is the mistake of a programmer', () => {
    const nothing = {} as never;
    expect(() => encodeResponse(HEARTBEAT, 4, 77, nothing)).toThrow(
      new AssertionError('errorCode has no value'),
    );
    const none = { errorCode: null } as unknown as { errorCode: number };
    expect(() => encodeResponse(HEARTBEAT, 4, 77, none)).toThrow(
      new AssertionError('errorCode is null, which this version cannot say'),
    );
  });
});

describe('the table of APIs', () => {
  test('has the versions that Kafka 4.2 has, and the oldest that clients still send', () => {
    const rows = Object.entries(API_SCHEMAS).map(([key, schema]) => {
      const { name, minVersion, maxVersion, flexibleFrom } = schema;
      const flexible = flexibleFrom === null ? 'never' : `${flexibleFrom}+`;
      expect(schema.apiKey).toBe(Number(key));
      return `${key} ${name} ${minVersion}-${maxVersion} flexible ${flexible}`;
    });
    expect(rows).toEqual([
      '0 Produce 3-13 flexible 9+',
      '1 Fetch 4-18 flexible 12+',
      '2 ListOffsets 1-11 flexible 6+',
      '3 Metadata 0-13 flexible 9+',
      '8 OffsetCommit 2-10 flexible 8+',
      '9 OffsetFetch 1-10 flexible 6+',
      '10 FindCoordinator 0-6 flexible 3+',
      '11 JoinGroup 0-9 flexible 6+',
      '12 Heartbeat 0-4 flexible 4+',
      '13 LeaveGroup 0-5 flexible 4+',
      '14 SyncGroup 0-5 flexible 4+',
      '15 DescribeGroups 0-6 flexible 5+',
      '16 ListGroups 0-5 flexible 3+',
      '17 SaslHandshake 0-1 flexible never',
      '18 ApiVersions 0-4 flexible 3+',
      '19 CreateTopics 0-7 flexible 5+',
      '20 DeleteTopics 0-6 flexible 4+',
      '21 DeleteRecords 0-2 flexible 2+',
      '22 InitProducerId 0-5 flexible 2+',
      '23 OffsetForLeaderEpoch 2-4 flexible 4+',
      '24 AddPartitionsToTxn 0-3 flexible 3+',
      '25 AddOffsetsToTxn 0-4 flexible 3+',
      '26 EndTxn 0-5 flexible 3+',
      '28 TxnOffsetCommit 0-5 flexible 3+',
      '29 DescribeAcls 1-3 flexible 2+',
      '30 CreateAcls 1-3 flexible 2+',
      '31 DeleteAcls 1-3 flexible 2+',
      '32 DescribeConfigs 0-4 flexible 4+',
      '33 AlterConfigs 0-2 flexible 2+',
      '35 DescribeLogDirs 0-4 flexible 2+',
      '36 SaslAuthenticate 0-2 flexible 2+',
      '37 CreatePartitions 0-3 flexible 2+',
      '42 DeleteGroups 0-2 flexible 2+',
      '44 IncrementalAlterConfigs 0-1 flexible 1+',
      '47 OffsetDelete 0-0 flexible never',
      '60 DescribeCluster 0-2 flexible 0+',
      '61 DescribeProducers 0-0 flexible 0+',
      '65 DescribeTransactions 0-0 flexible 0+',
      '66 ListTransactions 0-2 flexible 0+',
      '68 ConsumerGroupHeartbeat 0-1 flexible 0+',
      '69 ConsumerGroupDescribe 0-1 flexible 0+',
      '74 ListConfigResources 0-1 flexible 0+',
      '75 DescribeTopicPartitions 0-0 flexible 0+',
    ]);
  });

  test('has no field that no version has, and no tagged field before flexible versions', () => {
    for (const { title, type, dialect } of MESSAGE_KINDS) {
      const { plain, tagged } = layoutOf(type, dialect);
      expect(tagged.length === 0 || dialect.flexible, title).toBe(true);
      expect(new Set(plain.map(({ name }) => name)).size).toBe(plain.length);
    }
  });
});

describe('a range of versions', () => {
  test.each([
    ['3', [3]],
    ['1-2', [1, 2]],
    ['2+', [2, 3, 4]],
  ] as const)('%s', (range, versions) => {
    expect([0, 1, 2, 3, 4].filter((version) => includesVersion(range, version))).toEqual(versions);
  });

  test('in no known notation is the mistake of a programmer', () => {
    expect(() => includesVersion('-3', 1)).toThrow(AssertionError);
  });
});

test('a tagged field in a version that is not flexible is the mistake of a programmer', () => {
  const type = struct({ names: field(array(string), { tag: 0 }), count: int32 });
  expect(() => layoutOf(type, { version: 1, flexible: false })).toThrow(
    'version 1 is not flexible, but has tagged fields',
  );
});
