/**
 * What a record with a `name` and perhaps a `size` from 1 up can turn out to be, and what its schema makes of it where that can be told
 * at first sight.
 */
export const UNUSUAL_RECORDS: readonly (readonly [what: string, record: unknown, taken: { readonly name: string } | undefined])[] = [
  ['an own key that is not listed', Object.defineProperty({ name: 'a' }, 'hidden', { value: 1 }), { name: 'a' }],
  ['inherited members', Object.create({ name: 'a' }), undefined],
  [
    'an instance of a class',
    new (class {
      name = 'a'
    })(),
    undefined,
  ],
  ['a known key that is not listed', Object.defineProperty({}, 'name', { value: 'a' }), undefined],
  ['an optional key set to undefined', { name: 'a', size: undefined }, undefined],
  ['NaN', { name: 'a', size: Number.NaN }, undefined],
  ['a whole number beyond 2^53', { name: 'a', size: 2 ** 53 }, undefined],
  ['a boxed string', { name: Object('a') }, undefined],
  ['an array', ['a'], undefined],
  ['an object without a key it has to have', {}, undefined],
]
