// The mapping of values, both ways.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { resultOf, runtimeWith } = require('./support')

const made = (name) => resultOf('make', name)
const echo = (value) => resultOf('echo', value)
const kind = (value) => resultOf('kind', value)

test('numbers from a script', () => {
  assert.equal(made('integer'), 42)
  assert.equal(made('large'), 9223372036854775807n)
  assert.equal(made('small'), -9223372036854775808n)
  assert.equal(made('edge'), 9007199254740992n)
  assert.equal(made('float'), 0.5)
  assert.ok(Object.is(made('negative_zero'), -0))
  assert.equal(made('infinity'), Infinity)
})

test('numbers into a script', () => {
  assert.equal(kind(1), 'integer')
  assert.equal(kind(Number.MAX_SAFE_INTEGER), 'integer')
  assert.equal(kind(2 ** 60), 'float')
  assert.equal(kind(1.5), 'float')
  assert.equal(kind(-0), 'float')
  assert.equal(kind(NaN), 'float')
  assert.equal(kind(3n), 'integer')
  assert.equal(echo(2n ** 63n - 1n), 2n ** 63n - 1n)
  assert.equal(echo(-(2n ** 63n)), -(2n ** 63n))
  assert.ok(Number.isNaN(echo(NaN)))
  assert.throws(() => echo(2n ** 63n), { name: 'RangeError', message: 'input is a BigInt of more than 64 bits' })
})

test('nil, booleans, text, bytes', () => {
  assert.equal(made('nothing'), null)
  assert.equal(kind(null), 'nil')
  assert.equal(echo({ a: undefined, b: null, c: 1 }).c, 1)
  assert.deepEqual(Object.keys(echo({ a: undefined, b: null, c: 1 })), ['c'])
  assert.equal(echo(true), true)
  assert.equal(made('text'), 'größer')
  assert.equal(echo('a\0b'), 'a\0b')
  assert.deepEqual(made('bytes'), Buffer.from([0xff, 0, 0x80]))
  assert.deepEqual(echo(Buffer.from([0xff, 1])), Buffer.from([0xff, 1]))
  assert.equal(echo(Buffer.from('abc')), 'abc')
  assert.equal(resultOf('bytes', new Uint8Array([1, 2, 3]).subarray(1)), 2)
  assert.equal(resultOf('bytes', new Uint8Array([1, 2, 3]).buffer), 3)
  assert.equal(resultOf('bytes', new DataView(new Uint8Array([1, 2, 3]).buffer, 2)), 1)
})

test('what is UTF-8 and what is not', () => {
  const is_text = (...bytes) => typeof echo(Buffer.from(bytes)) === 'string'
  assert.ok(is_text(0x7f))
  assert.ok(is_text(0xc2, 0x80))
  assert.ok(is_text(0xef, 0xbf, 0xbf))
  assert.ok(is_text(0xf4, 0x8f, 0xbf, 0xbf))
  assert.ok(!is_text(0x80))
  assert.ok(!is_text(0xc1, 0xbf))
  assert.ok(!is_text(0xc3))
  assert.ok(!is_text(0xe0, 0x9f, 0xbf))
  assert.ok(!is_text(0xed, 0xa0, 0x80))
  assert.ok(!is_text(0xf0, 0x8f, 0xbf, 0xbf))
  assert.ok(!is_text(0xf4, 0x90, 0x80, 0x80))
  assert.ok(!is_text(0xf5, 0x80, 0x80, 0x80))
})

test('lists and objects', () => {
  assert.deepEqual(made('list'), [1, 'b', [3]])
  assert.deepEqual(made('gap'), [1, null, 3])
  assert.deepEqual(made('object'), { b: 1, a: { c: true } })
  assert.deepEqual(made('empty'), {})
  assert.deepEqual(echo([1, [2, { x: [3] }]]), [1, [2, { x: [3] }]])
  assert.deepEqual(echo([1, , 3]), [1, null, 3])
  assert.deepEqual(echo([]), {})
  assert.deepEqual(echo({ 1: 'a' }), { 1: 'a' })
  assert.deepEqual(Object.keys(echo({ z: 1, a: 2, m: 3 })), ['z', 'a', 'm'])
})

test('mixed keys and keys that are no names are a Map', () => {
  assert.deepEqual(made('mixed'), new Map([[1, 'first'], ['name', 'x']]))
  assert.deepEqual(made('sparse'), new Map([[1, 'a'], [1000, 'b']]))
  const other = made('other')
  assert.equal(other.get(-1), 'a')
  assert.equal(other.get(0.5), 'b')
  assert.equal(other.get(true), 'c')
  assert.equal(other.size, 3)
})

test('a Map into a script', () => {
  const map = new Map([[1, 'a'], ['x', 'b'], [0.5, 'c'], [true, 'd'], [-7n, 'e']])
  assert.deepEqual(resultOf('keys', map), [
    'boolean true=d',
    'float 0.5=c',
    'integer -7=e',
    'integer 1=a',
    'string x=b'
  ])
  assert.deepEqual(echo(new Map([['a', 1], ['b', 2]])), { a: 1, b: 2 })
  assert.deepEqual(echo(new Map([[1, 'x'], [2, 'y']])), ['x', 'y'])
  assert.deepEqual(echo(new Map([[0, new Map([[-1, 1]])]])), new Map([[0, new Map([[-1, 1]])]]))
  assert.deepEqual(echo({ a: new Map([[1, null]]) }), { a: {} })
  assert.throws(() => echo(new Map([[{}, 1]])), /input's key is no boolean, number or text/)
  assert.throws(() => echo(new Map([[NaN, 1]])), /input's key is NaN/)
  assert.throws(() => echo(new Map([[null, 1]])), /input's key is no boolean/)
  assert.throws(() => echo({ a: new Map([[1, () => 1]]) }), /input\.a\[1\] is a function/)
})

test('names that are no text do not get mixed up', () => {
  const map = made('names')
  assert.equal(map.size, 2)
  assert.deepEqual([...map.keys()], [Buffer.from([0xff]), Buffer.from([0xfe])])
  assert.deepEqual(echo(map), map)
})

test('__proto__ is a member like any other', () => {
  const value = made('proto')
  assert.equal(Object.getPrototypeOf(value), Object.prototype)
  assert.deepEqual(Object.keys(value), ['__proto__'])
  assert.equal({}.polluted, undefined)
  assert.equal(value.polluted, undefined)
})

test('what a script cannot have is refused, with the place', () => {
  assert.throws(() => echo({ a: [1, { b: () => 1 }] }), { name: 'TypeError', message: 'input.a[1].b is a function, which a script cannot have' })
  assert.throws(() => echo(Symbol('x')), /input is a symbol/)
  assert.throws(() => echo({ when: new Date() }), /input\.when is a Date: give its time, or its text/)
  assert.throws(() => echo([Promise.resolve(1)]), /input\[0\] is a Promise: await it first/)
  assert.throws(() => echo(new Set([1])), /is a Set/)
  assert.throws(() => echo(new Float64Array(2)), /is an array of numbers in memory/)
  const ring = {}
  ring.me = ring
  assert.throws(() => echo(ring), /is nested too deeply, or contains itself/)
  assert.throws(() => echo(new Array(2 ** 32 - 1)), { name: 'RangeError' })
  assert.throws(() => echo({ get x() { throw new Error('from the getter') } }), /from the getter/)
})

test('values as deep as they may be', () => {
  let deep = 1
  for (let n = 0; n < 200; ++n) deep = [deep]
  assert.deepEqual(echo(deep), deep)
  assert.throws(() => echo([deep]), /nested too deeply/)
})

test('members of the prototype are none', () => {
  class Point {
    constructor() {
      this.x = 1
    }
  }
  Point.prototype.y = 2
  assert.deepEqual(echo(new Point()), { x: 1 })
})

test('what JavaScript cannot have is an error of the script, with the place', () => {
  const rt = runtimeWith('kinds.lua')
  assert.match(rt.startHandler('unfit').errorMessage, /result 1\.a\[1\] is a function/)
  assert.match(rt.startHandler('key_of_table').errorMessage, /result 1 has a key that is neither text nor a number/)
})

test('payloads and answers are converted in the same way', () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask', new Map([[0, 2n ** 60n]]))
  assert.deepEqual(session.command.payload, new Map([[0, 2n ** 60n]]))
  assert.throws(() => session.resume({ f: () => 1 }), /response\.f is a function/)
  assert.equal(session.status, 'yielded')
  session.resume(new Map([['a', 1], [1, 2]]))
  assert.deepEqual(session.result, new Map([['a', 1], [1, 2]]))
})
