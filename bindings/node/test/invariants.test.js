// What holds, and bites who assumes otherwise: each of the seed's invariants that concerns a host in
// JavaScript. Those of the command line are in tests/cli/.
'use strict'

const assert = require('node:assert/strict')
const { execFileSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const test = require('node:test')
const { Worker } = require('node:worker_threads')
const { MoonletError, MoonletRuntime } = require('..')
const { refused, runtimeWith, script } = require('./support')

test('a runtime cannot be given to another thread', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const { MoonletRuntime, HandlerSession } = require(workerData.module)
     const found = []
     for (const use of [
       () => MoonletRuntime.prototype.dehydrate.call(workerData.rt),
       () => MoonletRuntime.prototype.startHandler.call(workerData.rt, 'ask'),
       () => HandlerSession.prototype.resume.call(workerData.session, 1)
     ]) {
       try { use(); found.push('it worked') } catch (error) { found.push(error.name) }
     }
     parentPort.postMessage(found)`,
    { eval: true, workerData: { module: path.join(__dirname, '..'), rt, session } }
  )
  const found = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  assert.deepEqual(found, ['TypeError', 'TypeError', 'TypeError'])
  session.resume(5)
  assert.equal(session.result, 5)
})

test('each thread may have runtimes of its own', async () => {
  const rt = runtimeWith('order.lua')
  rt.startHandler('process_order', { orderId: 1 }).resume({ name: 'Ada' })
  const worker = new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const { MoonletRuntime } = require(workerData.module)
     const rt = new MoonletRuntime()
     rt.loadScript(workerData.script)
     rt.hydrate(workerData.state)
     const session = rt.startHydratedSession()
     session.resume(true)
     session.resume(true)
     parentPort.postMessage(session.result)`,
    {
      eval: true,
      workerData: {
        module: path.join(__dirname, '..'),
        script: script('order.lua'),
        state: rt.dehydrate()
      }
    }
  )
  const result = await new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  assert.deepEqual(result, { status: 'completed', user: 'Ada' })
})

test('a state is taken only while a session waits', () => {
  const rt = runtimeWith('kinds.lua', { print: () => assert.throws(() => rt.dehydrate(), refused('not-yielded', /running/)) })
  assert.throws(() => rt.dehydrate(), refused('not-yielded', /dehydrate: there is no session/))
  const session = rt.startHandler('write', 'x')
  assert.ok(Buffer.isBuffer(rt.dehydrate()))
  session.resume(1)
  assert.throws(() => rt.dehydrate(), refused('not-yielded', /there is no session/))
})

test('a state may be taken at emit and log, too', () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('seen')
  const states = []
  while (session.status === 'yielded') {
    states.push([session.command.type, rt.dehydrate()])
    session.resumeVoid()
  }
  assert.deepEqual(states.map(([type]) => type), ['emit', 'log', 'sleep', 'invoke'])
  for (const [type, state] of states) {
    const other = runtimeWith('kinds.lua')
    other.hydrate(state)
    const resumed = other.startHydratedSession()
    assert.equal(resumed.command.type, type)
    while (resumed.status === 'yielded') resumed.resume('end')
    assert.equal(resumed.result, 'end')
  }
})

test('taking a state changes nothing, and the same state is the same bytes', () => {
  const rt = runtimeWith('order.lua')
  const session = rt.startHandler('process_order', { userId: 1 })
  const state = rt.dehydrate()
  assert.deepEqual(rt.dehydrate(), state)
  const other = runtimeWith('order.lua')
  other.hydrate(state)
  other.startHydratedSession()
  assert.deepEqual(other.dehydrate(), state)
  session.resume({ name: 'x' })
  assert.notDeepEqual(rt.dehydrate(), state)
})

test('a command has the same id after a freeze and in each resumed copy', () => {
  const rt = runtimeWith('order.lua', { id: 'order-7' })
  const session = rt.startHandler('process_order', {})
  const state = rt.dehydrate()
  assert.equal(session.command.id, 'order-7:0')
  for (let n = 0; n < 2; ++n) {
    const other = runtimeWith('order.lua')
    other.hydrate(state)
    const copy = other.startHydratedSession()
    assert.equal(copy.command.id, 'order-7:0')
    copy.resume({ name: 'Ada' })
    assert.equal(copy.command.id, 'order-7:1')
  }
})

test('configuration is not in a state', () => {
  const rt = runtimeWith('order.lua')
  rt.setConfig({ region: 'staging', secret: 'do-not-keep-me' })
  rt.startHandler('where')
  const state = rt.dehydrate()
  assert.ok(!state.includes('do-not-keep-me'))
  assert.ok(!state.includes('staging'))
  const resumedWith = (configure) => {
    const other = runtimeWith('order.lua')
    configure(other, () => other.hydrate(state))
    const session = other.startHydratedSession()
    session.resumeVoid()
    return session.result
  }
  assert.equal(resumedWith((other, hydrate) => { hydrate(); other.setConfig({ region: 'production' }) }), 'production')
  assert.equal(resumedWith((other, hydrate) => { other.setConfig({ region: 'production' }); hydrate() }), 'production')
  assert.equal(resumedWith((other, hydrate) => hydrate()), null)
})

test('nothing that changes the program is possible during a session', () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  const state = rt.dehydrate()
  const locked = [
    ['loadScript', () => rt.loadScript(script('order.lua'))],
    ['registerNamespace', () => rt.registerNamespace('x')],
    ['openLibs', () => rt.openLibs(['base'])],
    ['setConfig', () => rt.setConfig({})],
    ['clearConfig', () => rt.clearConfig()],
    ['hydrate', () => rt.hydrate(state)],
    ['startHandler', () => rt.startHandler('ask')],
    ['startHydratedSession', () => rt.startHydratedSession()]
  ]
  for (const [name, use] of locked) {
    assert.throws(use, refused('busy', new RegExp(`^${name}: a session is under way`)))
  }
  session.resume(1)
  rt.loadScript(script('order.lua'))
  assert.equal(rt.startHandler('echo', 2).result, 2)
})

test('states belong to the scripts that they were made with', () => {
  const rt = runtimeWith('order.lua')
  rt.startHandler('process_order', {})
  const state = rt.dehydrate()
  assert.throws(() => runtimeWith('kinds.lua').hydrate(state), refused('state', /another image|image/))
  assert.throws(() => new MoonletRuntime().hydrate(state), refused('state', /no script is loaded/))
})

test('bytes that are no state are refused', () => {
  const rt = runtimeWith('order.lua')
  rt.startHandler('process_order', {})
  const state = rt.dehydrate()
  const other = runtimeWith('order.lua')
  assert.throws(() => other.hydrate(Buffer.from('rubbish')), refused('state', /not the state of a Moonlet program/))
  assert.throws(() => other.hydrate(Buffer.alloc(0)), refused('state', /not the state/))
  assert.throws(() => other.hydrate('text'), TypeError)
  for (let at = 0; at < state.length; ++at) {
    const bent = Buffer.from(state)
    bent[at] ^= 1
    assert.throws(() => other.hydrate(bent), refused('state', /./))
  }
  assert.throws(() => other.startHydratedSession(), refused('state', /call hydrate\(\) first/))
  other.hydrate(state)
  assert.equal(other.startHydratedSession().status, 'yielded')
})

test('functions of the libraries survive by their names', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-'))
  const file = path.join(folder, 'a.lua')
  fs.writeFileSync(file, `return {handlers = {main = function()
    local upper, floor, self = string.upper, math.floor, {n = 1}
    setmetatable(self, {__index = function(_, k) return k .. "!" end})
    local co = coroutine.wrap(function() for n = 1, 3 do coroutine.yield(n) end end)
    co()
    local answer = sys.invoke("ask")
    return {upper(answer), floor(2.7), self.key, co(), self.n}
  end}}`)
  const rt = new MoonletRuntime()
  rt.loadScript(file)
  rt.startHandler('main')
  const other = new MoonletRuntime()
  other.loadScript(file)
  other.hydrate(rt.dehydrate())
  const session = other.startHydratedSession()
  session.resume('abc')
  assert.deepEqual(session.result, ['ABC', 2, 'key!', 2, 1])
})

test('limits: memory', () => {
  const rt = runtimeWith('kinds.lua')
  rt.setLimits(2 * 1024 * 1024)
  const session = rt.startHandler('eat')
  assert.equal(session.status, 'error')
  assert.equal(session.error.code, 'limit')
  assert.equal(session.error.limit, 'memory limit')
  assert.match(session.errorMessage, /not enough memory/)
  assert.equal(rt.startHandler('echo', 1).result, 1)
})

test('limits: call depth can be caught, and is told from other errors', () => {
  const rt = runtimeWith('kinds.lua')
  rt.setLimits(null, null, 200)
  assert.equal(rt.startHandler('deep', 100).result, 100)
  const session = rt.startHandler('deep', 100000)
  assert.equal(session.error.code, 'limit')
  assert.match(session.errorMessage, /stack overflow/)
  rt.setLimits({})
  rt.setLimits(null, null, Infinity)
  assert.equal(rt.startHandler('deep', 1000).result, 1000)
})

test('limits: pcall catches what concerns memory and depth, before and after a freeze', () => {
  const rt = runtimeWith('kinds.lua')
  rt.setLimits(8 * 1024 * 1024, null, 100)
  rt.startHandler('caught')
  const other = runtimeWith('kinds.lua')
  other.hydrate(rt.dehydrate())
  const session = other.startHydratedSession()
  session.resumeVoid()
  assert.equal(session.status, 'completed', session.errorMessage)
  const [depth, memory, again] = session.result
  assert.match(depth, /stack overflow/)
  assert.match(memory, /not enough memory/)
  assert.match(again, /stack overflow/)
})

test('limits: no pcall swallows the end of the time', () => {
  const rt = runtimeWith('kinds.lua')
  rt.setLimits(null, 50)
  const before = Date.now()
  const session = rt.startHandler('spin_caught')
  assert.equal(session.error.code, 'limit')
  assert.equal(session.error.limit, 'run time limit')
  assert.ok(Date.now() - before < 5000)
  // Each session has its own.
  assert.equal(rt.startHandler('busy', 1000).status, 'completed')
})

test('limits: fuel is of one session', () => {
  const rt = runtimeWith('kinds.lua')
  rt.setLimits({ fuel: 2_000_000 })
  for (let n = 0; n < 3; ++n) assert.equal(rt.startHandler('busy', 300_000).status, 'completed')
  const session = rt.startHandler('busy', 30_000_000)
  assert.equal(session.error.limit, 'fuel limit')
})

test('limits, and what was used of them, survive a freeze', () => {
  const rt = runtimeWith('kinds.lua')
  rt.setLimits({ fuel: 2_000_000 })
  rt.startHandler('wait_and_work', 30_000_000)
  const other = runtimeWith('kinds.lua')
  other.hydrate(rt.dehydrate())
  const session = other.startHydratedSession()
  session.resumeVoid()
  assert.equal(session.error.limit, 'fuel limit')
})

test('limits are checked', () => {
  const rt = new MoonletRuntime()
  assert.throws(() => rt.setLimits('64M'), /memory has to be a number, and is string/)
  assert.throws(() => rt.setLimits(-1), RangeError)
  assert.throws(() => rt.setLimits({ cpu: 1 }), /there is no limit "cpu"/)
  rt.setLimits(Infinity, Infinity, Infinity)
})

test('an error has the traceback of the script', () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('fail_later', { value: 'broken' })
  session.resume(1)
  assert.match(session.traceback, /^stack traceback:\n/)
  assert.match(session.traceback, /kinds\.lua:1: in .*fail/)
  assert.match(session.error.stack, /^MoonletError: kinds\.lua:1: broken\nstack traceback:\n[^]*\n {4}at /)
  assert.equal(session.error.name, 'MoonletError')
})

test('a state of the command line goes on here, and one from here there', () => {
  const moonlet = path.join(__dirname, '../../../build/release/moonlet')
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-'))
  fs.mkdirSync(path.join(folder, 'scripts'))
  fs.copyFileSync(script('order.lua'), path.join(folder, 'scripts/order.lua'))
  const project = path.join(folder, 'p.moonlet.json')
  fs.writeFileSync(
    project,
    JSON.stringify({
      scripts: { order: 'scripts/order.lua' },
      handlers: { process_order: { script: 'order' } },
      hostFunctions: {
        get_user: { cli: { exec: `echo '{"name": "Ada"}'` } },
        charge: { cli: { exec: 'echo true' } },
        send_email: { cli: { exec: 'echo true' } }
      }
    })
  )
  const state = execFileSync(moonlet, ['run', project, 'process_order', '--dehydrate-after', '1', '--state', '-'])
  const rt = new MoonletRuntime({ folder })
  rt.loadScript(path.join(folder, 'scripts/order.lua'), { name: 'order' })
  rt.hydrate(state)
  const session = rt.startHydratedSession()
  assert.equal(session.command.name, 'charge')
  const there = execFileSync(moonlet, ['resume', project, '--state', '-'], { input: rt.dehydrate() })
  session.resume(true)
  session.resume(true)
  assert.deepEqual(session.result, { status: 'completed', user: 'Ada' })
  assert.deepEqual(JSON.parse(there), session.result)
})
