// JSON text: what was written comes out again, and what would be lost is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson, splitConcatenatedJson } from '../../lib/http/json-text.ts';

describe('parseJson', () => {
  it('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(parseJson(text))).toBe(text);
        expect(JSON.stringify(parseJson(text, { keepNumbers: true }))).toBe(text);
      }),
    );
  });

  it.each(['[1.0,1e5,-0,12345678901234567890,0.1,1E400]', '{"a":{"b":[1.50]}}'])(
    'keeps the digits of %s',
    (text) => {
      expect(JSON.stringify(parseJson(text, { keepNumbers: true }))).toBe(text);
    },
  );

  it('takes a name again in another object, and as a value', () => {
    const text = '[{"a":{"a":"a","b":["a","a"]}},{"a":{},"\\"a":1,"\\\\":2,"a\\\\":":"}]';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('refuses a name that an object has already, anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 5 }), fc.nat(), (names, pick) => {
        const again = names[pick % names.length] ?? '';
        const fields = [...new Set(names), again].map((name) => `${JSON.stringify(name)}:{"x":[{}]}`);
        expect(() => parseJson(`[{"y":{${fields.join(',')}}}]`)).toThrow('is given twice');
      }),
    );
  });
});

describe('splitConcatenatedJson', () => {
  it('splits objects wherever they meet', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom('', ' ', '\n', '\r\n')),
          {
            maxLength: 6,
          },
        ),
        (parts) => {
          const text = parts.map(([value, space]) => JSON.stringify(value) + space).join('');
          const expected = parts.map(([value]) => JSON.stringify(value));
          expect(splitConcatenatedJson(text).map((part) => part.trim())).toEqual(expected);
        },
      ),
    );
  });

  it('leaves what is broken for the parser', () => {
    expect(splitConcatenatedJson('{}{"a":')).toEqual(['{}', '{"a":']);
    expect(splitConcatenatedJson('5 6')).toEqual(['5 6']);
    expect(splitConcatenatedJson('{"a":"}')).toEqual(['{"a":"}']);
    expect(splitConcatenatedJson(' \n')).toEqual([]);
  });
});
