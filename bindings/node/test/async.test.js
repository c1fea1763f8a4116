// Iteration over commands, run(), and AbortSignal.
'use strict'

const assert = require('node:assert/strict')
const test = require('node:test')
const { setTimeout: pause } = require('node:timers/promises')
const { MoonletError } = require('..')
const { runtimeWith } = require('./support')

test('iteration gives each command once', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('seen')
  const seen = []
  for await (const command of session) {
    seen.push(command.type)
    if (command.type === 'invoke') session.resume('end')
  }
  assert.deepEqual(seen, ['emit', 'log', 'sleep', 'invoke'])
  assert.equal(session.result, 'end')
})

test('iteration runs the script in another thread', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('wait_and_work', 30_000_000)
  let ticks = 0
  const timer = setInterval(() => ++ticks, 5)
  for await (const command of session) {
    assert.equal(command.name, 'ask')
    session.resumeVoid()
    assert.equal(session.status, 'running')
    assert.throws(() => session.resume(1), /resume: nothing waits for an answer, the script is running/)
    assert.throws(() => rt.dehydrate(), /the script is running/)
    assert.throws(() => rt.startHandler('ask'), /a session is under way/)
  }
  clearInterval(timer)
  assert.equal(session.status, 'completed')
  assert.ok(ticks > 2, `${ticks} ticks of the event loop`)
})

test('iteration throws what the script raises', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('fail_later', { value: 'broken' })
  await assert.rejects(
    async () => {
      for await (const _ of session) session.resume()
    },
    (error) => error === session.error && /kinds\.lua:1: broken/.test(error.message)
  )
})

test('iteration over a session that has ended already', async () => {
  const rt = runtimeWith('kinds.lua')
  for await (const _ of rt.startHandler('echo', 1)) assert.fail()
  const failed = rt.startHandler('fail', {})
  await assert.rejects(async () => {
    for await (const _ of failed) assert.fail()
  }, MoonletError)
})

test('an invocation that the body leaves unanswered is an error', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  await assert.rejects(
    async () => {
      for await (const _ of session);
    },
    { code: 'not-answered', message: /has to answer ask/ }
  )
  session.resume(3)
  assert.equal(session.result, 3)
})

test('a loop that is left leaves a session that can be used', async () => {
  const rt = runtimeWith('order.lua')
  const session = rt.startHandler('process_order', {})
  for await (const command of session) {
    assert.equal(command.name, 'get_user')
    session.resume({ name: 'Ada' })
    break
  }
  assert.equal(session.status, 'yielded')
  assert.equal(session.command.name, 'charge')
  const state = rt.dehydrate()
  session.resume(true)
  session.resume(true)
  assert.equal(session.status, 'completed')
  rt.hydrate(state)
})

test('only one may iterate', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  const first = session[Symbol.asyncIterator]()
  assert.throws(() => session[Symbol.asyncIterator](), { code: 'busy' })
  await first.return()
  session[Symbol.asyncIterator]()
})

test('two calls of next() at once', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('wait_and_work', 3_000_000)
  const iterator = session[Symbol.asyncIterator]()
  await iterator.next()
  session.resumeVoid()
  const both = await Promise.allSettled([iterator.next(), iterator.next()])
  assert.equal(both[0].status, 'fulfilled')
  assert.equal(both[1].reason.code, 'busy')
})

test('run: functions, invoke, emit, log, sleep', async () => {
  const rt = runtimeWith('kinds.lua')
  const seen = []
  const result = await rt.call('seen', undefined, {
    functions: {
      ask: async (payload, { id, signal }) => {
        seen.push(['ask', payload, typeof id, signal.aborted])
        return 'answer'
      }
    },
    emit: (name, payload) => void seen.push(['emit', name, payload]),
    log: (level, message) => void seen.push(['log', level, message])
  })
  assert.equal(result, 'answer')
  assert.deepEqual(seen, [
    ['emit', 'started', { n: 1 }],
    ['log', 'info', 'half {"done":true} 2'],
    ['ask', null, 'string', false]
  ])
  assert.equal(await rt.call('ask', 5, { invoke: async (name, payload) => name + payload }), 'ask5')
})

test('run: what the host throws is an error of the script', async () => {
  const rt = runtimeWith('order.lua')
  const functions = {
    get_user: () => ({ name: 'Ada' }),
    charge: async () => {
      throw new Error('card declined')
    }
  }
  const result = await rt.call('process_order', {}, { functions })
  assert.equal(result.status, 'charge_failed')
  assert.match(result.why, /card declined/)
  await assert.rejects(rt.call('process_order', {}, { functions: { charge() {} } }), /there is no host function "get_user"; there are charge/)
  await assert.rejects(rt.call('process_order', {}, { functions: { get_user: () => () => 1 } }), /response is a function/)
})

test('run: names of Object.prototype are no functions of the host', async () => {
  const rt = runtimeWith('kinds.lua')
  await assert.rejects(rt.call('all', undefined, { functions: {} }), /there is no host function "one"/)
})

test('run: sys.all asks for all at once', async () => {
  const rt = runtimeWith('kinds.lua')
  let out = 0
  let most = 0
  const result = await rt.call('many', 20, {
    functions: {
      square: async (n) => {
        most = Math.max(most, ++out)
        await pause(10)
        --out
        return n * n
      }
    }
  })
  assert.equal(most, 20)
  assert.deepEqual(result, Array.from({ length: 20 }, (_, n) => (n + 1) ** 2))
})

test('run: sys.settle and errors', async () => {
  const rt = runtimeWith('kinds.lua')
  const functions = {
    one: async () => 'good',
    two: async () => {
      throw new Error('bad')
    }
  }
  const settled = await rt.call('settle', undefined, { functions })
  assert.deepEqual(settled, { a: { ok: true, value: 'good' }, b: { ok: false, error: 'bad' } })
  await assert.rejects(rt.call('all', undefined, { functions }), /b.*bad/)
})

test('run: sys.race takes the first and aborts the others', async () => {
  const rt = runtimeWith('kinds.lua')
  let aborted = false
  const result = await rt.call('race', undefined, {
    functions: {
      one: (_, { signal }) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, 10_000)
          signal.addEventListener('abort', () => {
            aborted = true
            clearTimeout(timer)
            resolve()
          })
        }),
      two: async () => 2
    }
  })
  assert.deepEqual(result, { value: 2, key: 'b' })
  assert.ok(aborted)
})

test('several calls answered by hand, with a freeze in between', () => {
  const rt = runtimeWith('kinds.lua', { id: 'r' })
  const session = rt.startHandler('all')
  assert.deepEqual(session.command, {
    type: 'all',
    id: 'r:0',
    calls: [
      { id: 'r:0.1', name: 'one', payload: 1 },
      { id: 'r:0.2', name: 'two', payload: 2 }
    ]
  })
  assert.throws(() => session.resume(1), /waits for one of r:0\.1, r:0\.2; give the id/)
  assert.throws(() => session.resumeVoid(), /waits for one of/)
  assert.throws(() => session.resume(1, 'r:0.3'), /waits for one of/)
  session.resume('second', 'r:0.2')
  assert.deepEqual(session.command.calls, [{ id: 'r:0.1', name: 'one', payload: 1 }])
  const other = runtimeWith('kinds.lua')
  other.hydrate(rt.dehydrate())
  const resumed = other.startHydratedSession()
  assert.deepEqual(resumed.command.calls, [{ id: 'r:0.1', name: 'one', payload: 1 }])
  resumed.resume('first', 'r:0.1')
  assert.deepEqual(resumed.result, { a: 'first', b: 'second' })
  session.resumeError('no', 'r:0.1')
  assert.match(session.errorMessage, /a.*no/)
})

test('an abort while the host works', async () => {
  const rt = runtimeWith('kinds.lua')
  const aborter = new AbortController()
  let inner
  const running = rt.call('ask', 1, {
    invoke: (_name, _payload, { signal }) => {
      inner = signal
      return new Promise(() => {})
    }
  }, { signal: aborter.signal })
  await pause(10)
  aborter.abort(new Error('enough'))
  await assert.rejects(running, { message: 'enough' })
  assert.ok(inner.aborted)
  assert.equal(rt.startHandler('echo', 1).result, 1)
})

// The timers of AbortSignal.timeout() alone do not keep a process.
const keep = setInterval(() => {}, 1000)
test.after(() => clearInterval(keep))

test('an abort of run() alone', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  const running = session.run({ invoke: () => new Promise(() => {}) }, { signal: AbortSignal.timeout(10) })
  await assert.rejects(running, { name: 'TimeoutError' })
  assert.equal(session.status, 'error')
  assert.equal(session.error.code, 'disposed')
  assert.equal(rt.startHandler('echo', 1).result, 1)
  await assert.rejects(rt.startHandler('ask').run({}, { signal: AbortSignal.abort() }), { name: 'AbortError' })
  assert.equal(rt.startHandler('echo', 1).result, 1)
})

test('an abort ends a script that never stops by itself', async () => {
  const rt = runtimeWith('kinds.lua')
  const aborter = new AbortController()
  const session = rt.startHandler('wait_and_work', Number.MAX_SAFE_INTEGER, { signal: aborter.signal })
  setTimeout(() => aborter.abort(), 30)
  await assert.rejects(
    async () => {
      for await (const _ of session) session.resumeVoid()
    },
    { name: 'AbortError' }
  )
  assert.equal(session.status, 'error')
  assert.equal(session.error.code, 'aborted')
  assert.equal(session.error.cause.name, 'AbortError')
  assert.equal(rt.startHandler('echo', 1).result, 1)
})

test('an abort during a sleep, and before the start', async () => {
  const rt = runtimeWith('kinds.lua')
  const before = Date.now()
  const session = rt.startHandler('seen', {}, { signal: AbortSignal.timeout(20) })
  session.resumeVoid()
  session.resumeVoid()
  assert.equal(session.command.type, 'sleep')
  await pause(50)
  assert.equal(session.status, 'error')
  assert.ok(Date.now() - before < 5000)
  const late = rt.startHandler('ask', 1, { signal: AbortSignal.abort('why') })
  assert.equal(late.error.code, 'aborted')
  assert.equal(late.error.cause, 'why')
  assert.throws(() => rt.startHandler('ask', 1, { signal: {} }), TypeError)
  assert.equal(rt.startHandler('echo', 1).result, 1)
})

test('sessions of several runtimes run at the same time', async () => {
  const runs = Array.from({ length: 8 }, (_, n) =>
    runtimeWith('kinds.lua').call('wait_and_work', 100_000 * (n + 1), { invoke: () => pause(1) })
  )
  const results = await Promise.all(runs)
  assert.equal(results[7], (800_000 * 800_001) / 2)
})
