// Formats: known ones pass, newer ones are refused with the advice, others as damage.
import { expect, it } from 'vitest';
import { checkFormat } from '../../../lib/storage/schema/format.ts';

it('accepts each known format', () => {
  expect(() => {
    checkFormat('the head of a:0', 1, [1, 2]);
    checkFormat('the head of a:0', 2, [1, 2]);
  }).not.toThrow();
});

it('refuses a newer format, saying what to do', () => {
  expect(() => {
    checkFormat('the head of a:0', 3, [1, 2]);
  }).toThrow(
    expect.objectContaining({
      code: 'UNSUPPORTED_VERSION',
      outcome: 'not-applied',
      retriable: false,
      message:
        'the head of a:0 has format 3, this version of Wadi reads 1, 2: deploy the newer functions first',
    }),
  );
});

it.each([
  [Number.NaN, 'no format'],
  [0, 'format 0'],
])('refuses %s as damage', (format, found) => {
  expect(() => {
    checkFormat('a page', format, [1]);
  }).toThrow(`a page has ${found}, this version of Wadi reads 1: the value is damaged`);
});
