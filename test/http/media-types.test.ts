// Content negotiation as RFC 9110 has it.
import { describe, expect, it } from 'vitest';
import { embeddedFormatOf, mediaTypeOf, negotiate } from '../../lib/http/media-types.ts';

describe('negotiate', () => {
  it.each([
    [undefined, 'a/x'],
    ['', 'a/x'],
    ['*/*', 'a/x'],
    ['b/y', 'b/y'],
    ['B/Y; charset=utf-8', 'b/y'],
    ['b/*', 'b/y'],
    ['a/x;q=0.5, b/y', 'b/y'],
    ['*/*;q=0.9, a/x;q=0.1', 'b/y'],
    ['a/x;q=0, */*', 'b/y'],
    ['c/z', undefined],
    ['a/x;q=0', undefined],
    ['a/x;q=many', undefined],
    ['nonsense', undefined],
  ])('answers %j with %s', (accept, expected) => {
    expect(negotiate(accept, ['a/x', 'b/y'])).toBe(expected);
  });
});

describe('media types', () => {
  it('are read without parameters and case', () => {
    expect(mediaTypeOf('Application/JSON; charset=utf-8')).toBe('application/json');
    expect(mediaTypeOf(' ; q=1')).toBeUndefined();
    expect(mediaTypeOf(undefined)).toBeUndefined();
  });

  it('name the format of keys and values', () => {
    expect(embeddedFormatOf('application/vnd.kafka.text.v2+json')).toBe('text');
    expect(embeddedFormatOf('application/json')).toBeUndefined();
  });
});
