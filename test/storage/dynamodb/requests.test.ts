// The exact requests that the DynamoDB adapter sends, and what it refuses before it sends anything.
import {
  BatchGetItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  createDynamoDbItemStore,
  prefixedTableNames,
} from '../../../lib/storage/dynamodb/dynamodb-item-store.ts';
import { add, append, set, type Action } from '../../../lib/storage/ports/action.ts';
import { absent, all, equals, exists, type Condition } from '../../../lib/storage/ports/condition.ts';
import type { ItemStore, TransactWrite } from '../../../lib/storage/ports/item-store.ts';

const client = new DynamoDBClient({ region: 'us-east-1' });
const aws = mockClient(client);
const slept: number[] = [];
const clock = {
  now: () => 0,
  sleep: (durationMs: number) => {
    slept.push(durationMs);
    return Promise.resolve();
  },
};
const store: ItemStore = createDynamoDbItemStore({ client, tableNames: prefixedTableNames('wadi-'), clock });
const sent = (): unknown[] => aws.calls().map(({ args: [command] }) => command.input);

beforeEach(() => {
  aws.reset();
  slept.length = 0;
});

describe('writes', () => {
  it('put sends the item, and a condition asks for the item that fails it', async () => {
    aws.on(PutItemCommand).resolves({});
    const item = { pk: 'p', n: 1 };
    expect(await store.put('heads', item)).toEqual({ applied: true, item });
    await store.put('heads', item, absent('pk'));
    const plain = { TableName: 'wadi-heads', Item: { pk: { S: 'p' }, n: { N: '1' } } };
    const conditional = {
      ConditionExpression: 'attribute_not_exists(#0)',
      ExpressionAttributeNames: { '#0': 'pk' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
    expect(sent()).toEqual([plain, { ...plain, ...conditional }]);
  });

  it('update shares placeholders between update and condition, and asks for the new item', async () => {
    aws.on(UpdateItemCommand).resolves({ Attributes: { pk: { S: 'p' }, n: { N: '2' } } });
    const result = await store.update('heads', { pk: 'p' }, [add('n', 1)], equals('n', 1));
    expect(result).toEqual({ applied: true, item: { pk: 'p', n: 2 } });
    expect(sent()).toEqual([
      {
        TableName: 'wadi-heads',
        Key: { pk: { S: 'p' } },
        UpdateExpression: 'SET #0 = if_not_exists(#0, :0) + :1',
        ConditionExpression: '#0 = :1',
        ExpressionAttributeNames: { '#0': 'n' },
        ExpressionAttributeValues: { ':0': { N: '0' }, ':1': { N: '1' } },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      },
    ]);
  });

  it('delete sends the key', async () => {
    aws.on(DeleteItemCommand).resolves({});
    expect(await store.delete('groups', { pk: 'p', sk: 's' })).toEqual({ applied: true, item: undefined });
    expect(sent()).toEqual([{ TableName: 'wadi-groups', Key: { pk: { S: 'p' }, sk: { S: 's' } } }]);
  });

  it('transact sends every kind under the request id', async () => {
    aws.on(TransactWriteItemsCommand).resolves({});
    const key = { pk: 'p', sk: 's' };
    const writes: TransactWrite[] = [
      { kind: 'put', table: 'heads', item: { pk: 'a' } },
      { kind: 'update', table: 'groups', key, actions: [set('x', 1)] },
      { kind: 'update', table: 'heads', key: { pk: 'none' }, actions: [] },
      { kind: 'delete', table: 'heads', key: { pk: 'b' } },
      { kind: 'check', table: 'topics', key, condition: exists('pk') },
    ];
    expect(await store.transact(writes, 'id-1')).toEqual({ applied: true });
    const Key = { pk: { S: 'p' }, sk: { S: 's' } };
    expect(sent()).toEqual([
      {
        ClientRequestToken: 'id-1',
        TransactItems: [
          { Put: { TableName: 'wadi-heads', Item: { pk: { S: 'a' } } } },
          {
            Update: {
              TableName: 'wadi-groups',
              Key,
              UpdateExpression: 'SET #0 = :0',
              ExpressionAttributeNames: { '#0': 'x' },
              ExpressionAttributeValues: { ':0': { N: '1' } },
            },
          },
          {
            Update: {
              TableName: 'wadi-heads',
              Key: { pk: { S: 'none' } },
              UpdateExpression: 'REMOVE no_attribute_of_ours',
            },
          },
          { Delete: { TableName: 'wadi-heads', Key: { pk: { S: 'b' } } } },
          {
            ConditionCheck: {
              TableName: 'wadi-topics',
              Key,
              ConditionExpression: 'attribute_exists(#0)',
              ExpressionAttributeNames: { '#0': 'pk' },
              ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
            },
          },
        ],
      },
    ]);
  });
});

describe('reads', () => {
  it('get is consistent unless told otherwise', async () => {
    aws.on(GetItemCommand).resolves({});
    await store.get('heads', { pk: 'p' });
    await store.get('heads', { pk: 'p' }, { consistent: false });
    const request = { TableName: 'wadi-heads', Key: { pk: { S: 'p' } } };
    expect(sent()).toEqual([
      { ...request, ConsistentRead: true },
      { ...request, ConsistentRead: false },
    ]);
  });

  it('getMany asks again for unprocessed keys: at once, then after waits, and never twice for one', async () => {
    const keys = ['a', 'b', 'c', 'd'].map((pk) => ({ pk: { S: pk } }));
    const answer = (done: number, left: number) => ({
      Responses: { 'wadi-heads': keys.slice(done, left) },
      ...(left < 4 && { UnprocessedKeys: { 'wadi-heads': { Keys: keys.slice(left) } } }),
    });
    aws
      .on(BatchGetItemCommand)
      .resolvesOnce(answer(0, 1))
      .resolvesOnce(answer(1, 2))
      .resolvesOnce(answer(2, 3))
      .resolves(answer(3, 4));
    const found = await store.getMany('heads', [{ pk: 'a' }, { pk: 'b' }, { pk: 'c' }, { pk: 'd' }]);
    expect(found).toEqual([{ pk: 'a' }, { pk: 'b' }, { pk: 'c' }, { pk: 'd' }]);
    const asked = sent() as {
      RequestItems: { 'wadi-heads': { Keys: unknown[]; ConsistentRead: boolean } };
    }[];
    expect(asked.map(({ RequestItems }) => RequestItems['wadi-heads'].Keys.length)).toEqual([4, 3, 2, 1]);
    expect(asked.every(({ RequestItems }) => RequestItems['wadi-heads'].ConsistentRead)).toBe(true);
    expect(slept).toEqual([50, 75]);
  });

  it('getMany gives up on keys that stay unprocessed', async () => {
    const Keys = [{ pk: { S: 'a' } }];
    aws.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { 'wadi-heads': { Keys } } });
    const throttled = { code: 'THROTTLING_QUOTA_EXCEEDED', outcome: 'not-applied', retriable: true };
    await expect(store.getMany('heads', [{ pk: 'a' }])).rejects.toMatchObject(throttled);
    expect(sent()).toHaveLength(20);
    expect(Math.max(...slept)).toBe(400);
  });

  it('query goes on from page to page and asks for no more than it needs', async () => {
    const item = (sk: string) => ({ pk: { S: 'p' }, sk: { S: sk } });
    aws
      .on(QueryCommand)
      .resolvesOnce({ Items: [item('a'), item('b')], LastEvaluatedKey: item('b') })
      .resolvesOnce({ Items: [], LastEvaluatedKey: item('bb') })
      .resolves({ Items: [item('c')], LastEvaluatedKey: item('c') });
    const found = await store.query('groups', 'p', { between: ['a', 'z'], limit: 3, forward: false });
    expect(found.map((one) => one['sk'])).toEqual(['a', 'b', 'c']);
    const request = {
      TableName: 'wadi-groups',
      KeyConditionExpression: '#p = :p AND #s BETWEEN :f AND :l',
      ExpressionAttributeNames: { '#p': 'pk', '#s': 'sk' },
      ExpressionAttributeValues: { ':p': { S: 'p' }, ':f': { S: 'a' }, ':l': { S: 'z' } },
      ScanIndexForward: false,
      ConsistentRead: true,
    };
    expect(sent()).toEqual([
      { ...request, Limit: 3 },
      { ...request, Limit: 1, ExclusiveStartKey: item('b') },
      { ...request, Limit: 1, ExclusiveStartKey: item('bb') },
    ]);
  });

  it('query sends no range that DynamoDB refuses', async () => {
    aws.on(QueryCommand).resolves({});
    expect(await store.query('groups', 'p', { between: ['b', 'a'], limit: 1 })).toEqual([]);
    expect(await store.query('groups', 'p', { between: ['', ''], limit: 1 })).toEqual([]);
    // Crossed by UTF-8 bytes, though not by UTF-16 units.
    expect(await store.query('groups', 'p', { between: ['🏜', '\uff5e'], limit: 1 })).toEqual([]);
    expect(sent()).toEqual([]);
    await store.query('groups', 'p', { between: ['', 'a'], limit: 1 });
    expect(sent()).toMatchObject([
      {
        KeyConditionExpression: '#p = :p AND #s <= :l',
        ExpressionAttributeValues: { ':p': { S: 'p' }, ':l': { S: 'a' } },
      },
    ]);
  });

  it('scan answers where to go on', async () => {
    const item = { pk: { S: 'p' }, sk: { S: 'a' }, n: { N: '1' } };
    aws
      .on(ScanCommand)
      .resolvesOnce({ Items: [item], LastEvaluatedKey: { pk: { S: 'p' }, sk: { S: 'a' } } })
      .resolves({});
    const after = { pk: 'p', sk: 'a' };
    expect(await store.scan('groups', { limit: 1 })).toEqual({ items: [{ ...after, n: 1 }], after });
    expect(await store.scan('groups', { limit: 1, after })).toEqual({ items: [] });
    const request = { TableName: 'wadi-groups', ConsistentRead: true, Limit: 1 };
    expect(sent()).toEqual([request, { ...request, ExclusiveStartKey: { pk: { S: 'p' }, sk: { S: 'a' } } }]);
  });
});

describe('before anything is sent', () => {
  const update = (actions: readonly Action[], condition?: Condition) =>
    store.update('heads', { pk: 'p' }, actions, condition);
  const big = new Uint8Array(410_000);
  const many = Array.from({ length: 301 }, (_, i) => set(`a${i.toString()}`, 1));
  const [first, ...rest] = Array.from({ length: 151 }, (_, i) => exists(`a${i.toString()}`));
  const half = new Uint8Array(300_000);
  const puts = Array.from({ length: 15 }, (_, i): TransactWrite => ({
    kind: 'put',
    table: 'heads',
    item: { pk: i.toString(), half },
  }));

  const refused: readonly (readonly [string, () => Promise<unknown>, string, RegExp])[] = [
    [
      'an item over 400 KB',
      () => store.put('heads', { pk: 'p', big }),
      'MESSAGE_TOO_LARGE',
      /has 41\d+ bytes, at most 409600/,
    ],
    [
      'an update over 400 KB',
      () => update([append('t', [big])]),
      'MESSAGE_TOO_LARGE',
      /more than 41\d+ bytes, at most 409600/,
    ],
    [
      'a transaction over 4 MB',
      () => store.transact(puts, 'id'),
      'MESSAGE_TOO_LARGE',
      /15 writes has 45\d+ bytes, at most 4194304/,
    ],
    ['an update of 301 operators', () => update(many), 'INVALID_REQUEST', /has 301 operators, at most 300/],
    [
      'a condition of 301 operators',
      () => update([], all(first as Condition, ...rest)),
      'INVALID_REQUEST',
      /condition expression .* has 301 operators, at most 300/,
    ],
    [
      'an expression over 4 KB',
      () => update(Array.from({ length: 90 }, (_, i) => append(`a${i.toString()}`, [i]))),
      'INVALID_REQUEST',
      /has \d{4} bytes, at most 4096/,
    ],
  ];
  it.each(refused)('%s is refused', async (_, run, code, message) => {
    await expect(run()).rejects.toMatchObject({
      code,
      outcome: 'not-applied',
      message: expect.stringMatching(message) as string,
    });
    expect(sent()).toEqual([]);
  });

  it('a table without a name is a programmer’s error', async () => {
    const partial = createDynamoDbItemStore({ client, tableNames: { heads: 'h' }, clock });
    await expect(partial.get('groups', { pk: 'p', sk: 's' })).rejects.toThrow('the name of table groups');
  });
});
