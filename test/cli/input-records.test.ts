// Reading records from lines and JSON lines, and refusing what would lose data.
import { describe, expect, it } from 'vitest';
import { looksLikeJsonRecord, parseRecord, type InputFormat } from '../../lib/cli/input-records.ts';

const parse = (text: string, format: InputFormat = { kind: 'json' }) => {
  const record = parseRecord(format, Buffer.from(text), 7);
  return (
    record && { ...record, key: record.key?.toString() ?? null, value: record.value?.toString() ?? null }
  );
};

describe('lines', () => {
  const rest = { headers: [], partition: undefined, timestampMs: undefined };

  it('are values as they are', () => {
    expect(parse('{"key":1}', { kind: 'lines' })).toEqual({ key: null, value: '{"key":1}', ...rest });
    expect(parse('', { kind: 'lines' })).toEqual({ key: null, value: '', ...rest });
  });

  it('are cut at the first separator', () => {
    const format = { kind: 'lines', keySeparator: '::' } as const;
    expect(parse('a::b::c', format)).toEqual({ key: 'a', value: 'b::c', ...rest });
    expect(parse('::b', format)).toEqual({ key: '', value: 'b', ...rest });
    expect(parse('ab', format)).toEqual({ key: null, value: 'ab', ...rest });
  });
});

describe('JSON lines', () => {
  it('send text as UTF-8 and other JSON as its text', () => {
    expect(parse('{"key":"ä","value":{"b":[1,null]}}')).toMatchObject({ key: 'ä', value: '{"b":[1,null]}' });
    expect(parse('{"key":7,"value":true}')).toMatchObject({ key: '7', value: 'true' });
  });

  it('keep the digits of numbers', () => {
    expect(parse('{"value":[12345678901234567890,1.0,1e400]}')).toMatchObject({
      value: '[12345678901234567890,1.0,1e400]',
    });
  });

  it('tell null from empty', () => {
    expect(parse('{"key":"","value":null}')).toMatchObject({ key: '', value: null });
    expect(parse('{"value":""}')).toMatchObject({ key: null, value: '' });
  });

  it('take bytes, headers, partition and timestamp', () => {
    const line = {
      keyBase64: 'AP8=',
      valueBase64: 'AQ==',
      headers: [
        { key: 'a', value: 'b' },
        { key: 'a', value: null },
        { key: 'c', valueBase64: '/w==' },
      ],
      partition: 3,
      timestamp: 5,
    };
    expect(parseRecord({ kind: 'json' }, Buffer.from(JSON.stringify(line)), 1)).toEqual({
      key: Buffer.of(0, 255),
      value: Buffer.of(1),
      headers: [
        { key: 'a', value: Buffer.from('b') },
        { key: 'a', value: null },
        { key: 'c', value: Buffer.of(255) },
      ],
      partition: 3,
      timestampMs: 5,
    });
  });

  it('may be blank', () => {
    expect(parse('  \r')).toBeUndefined();
  });

  it.each([
    ['{"key":', 'line 7: not JSON'],
    ['[1]', 'line 7: must be a JSON object'],
    ['null', 'line 7: must be a JSON object'],
    ['{"key":"a"}', 'line 7: "value" is missing'],
    ['{"vlaue":1}', 'line 7: "vlaue" is not one of'],
    ['{"value":1,"valueBase64":"AA=="}', '"value" and "valueBase64" exclude each other'],
    ['{"valueBase64":"A"}', '"valueBase64" must be base64'],
    ['{"valueBase64":1}', '"valueBase64" must be base64'],
    ['{"value":1,"partition":-1}', '"partition" must be a whole number from 0, got -1'],
    ['{"value":1,"partition":1.5}', '"partition" must be a whole number from 0, got 1.5'],
    ['{"value":1,"timestamp":"now"}', '"timestamp" must be a whole number'],
    ['{"value":1,"headers":{}}', '"headers" must be a list'],
    ['{"value":1,"headers":[{"value":1}]}', '"headers[0].key" must be text'],
  ])('refuse %s', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

it.each([
  ['{"key":"a","value":{}}', true],
  ['{"valueBase64":"","timestamp":1}', true],
  ['{"value":1,"unit":"C"}', false],
  ['{"key":"a"}', false],
  ['[1]', false],
  ['value', false],
])('%s looks like a record: %s', (line, looks) => {
  expect(looksLikeJsonRecord(Buffer.from(line))).toBe(looks);
});
