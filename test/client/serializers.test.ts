// Keys, values and headers between what users write and bytes, and what is refused.
import { describe, expect, it } from 'vitest';
import { fromRecordHeaders, toRecordHeaders } from '../../lib/client/headers.ts';
import { bytesSerde, jsonSerde, stringOrBytes, stringSerde } from '../../lib/client/serializers.ts';

const bytes = (...values: number[]): Buffer => Buffer.from(values);

describe('serializers', () => {
  it('bring back what they wrote', () => {
    const json = jsonSerde<{ a: (number | null)[] }>();
    expect(json.deserialize(Buffer.from(json.serialize({ a: [1, null] }, 't')), 't')).toEqual({
      a: [1, null],
    });
    expect(stringSerde.deserialize(Buffer.from(stringSerde.serialize('\ufeffé€', 't')), 't')).toBe(
      '\ufeffé€',
    );
    expect(bytesSerde.deserialize(bytes(0, 255), 't')).toEqual(bytes(0, 255));
    expect(Buffer.from(stringOrBytes('é', 't'))).toEqual(bytes(0xc3, 0xa9));
    expect(stringOrBytes(bytes(1), 't')).toEqual(bytes(1));
  });

  it('refuse what cannot be written, or read', () => {
    expect(() => stringSerde.serialize('\ud800', 't')).toThrow('surrogate');
    expect(() => stringSerde.deserialize(bytes(0xff), 't')).toThrow(TypeError);
    expect(() => jsonSerde<unknown>().serialize(undefined, 't')).toThrow('type undefined');
    expect(() => jsonSerde<unknown>().deserialize(Buffer.from('{'), 't')).toThrow(SyntaxError);
  });
});

describe('headers', () => {
  it('keep the order of a list, and of the values of one name', () => {
    const list = toRecordHeaders([
      { key: 'a', value: '1' },
      { key: 'b', value: null },
      { key: 'a', value: bytes(2) },
    ]);
    expect(list.map(({ key }) => key)).toEqual(['a', 'b', 'a']);
    expect({ ...fromRecordHeaders(list) }).toEqual({ a: [Buffer.from('1'), bytes(2)], b: null });
  });

  it('leave undefined out, and are safe with any name', () => {
    expect(toRecordHeaders({ a: undefined, b: ['x', null] })).toHaveLength(2);
    const headers = fromRecordHeaders([{ key: '__proto__', value: bytes(1) }]);
    expect(Object.keys(headers)).toEqual(['__proto__']);
    expect(() => toRecordHeaders({ a: '\ud800' })).toThrow('surrogate');
  });
});
