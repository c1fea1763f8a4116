// Whatever is called when it must not be: an error, and the memory stays sound.
'use strict'

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const path = require('node:path')
const test = require('node:test')
const { Worker } = require('node:worker_threads')
const { HandlerSession, MoonletRuntime } = require('..')
const { runtimeWith, script } = require('./support')

test('a session after it has ended', () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  session.resume(1)
  assert.throws(() => session.resume(2), { code: 'not-yielded', message: 'resume: nothing waits for an answer, the session has ended (completed)' })
  assert.throws(() => session.resumeVoid(), { code: 'not-yielded' })
  assert.throws(() => session.resumeError('x'), { code: 'not-yielded' })
  assert.equal(session.result, 1)
  session.dispose()
  assert.equal(session.status, 'completed')
  assert.deepEqual(session.stack(), [])
})

test('an old session does not get at the next one', () => {
  const rt = runtimeWith('kinds.lua')
  const old = rt.startHandler('ask', 1)
  old.dispose()
  const session = rt.startHandler('ask', 2)
  assert.throws(() => old.resume(1), { code: 'disposed', message: 'resume: the session was disposed of' })
  assert.throws(() => old[Symbol.asyncIterator](), { code: 'disposed' })
  old.dispose()
  session.resume(5)
  assert.equal(session.result, 5)
})

test('a command answered twice, by its id', () => {
  const rt = runtimeWith('order.lua', { id: 'r' })
  const session = rt.startHandler('process_order', {})
  const { id } = session.command
  session.resume({ name: 'x' }, id)
  assert.throws(() => session.resume({ name: 'y' }, id), { message: 'resume: the script waits for the answer to r:1, not to r:0' })
  assert.throws(() => session.resumeError('y', id), { code: 'not-yielded' })
})

test('answers from inside of a callback', () => {
  let session = null
  const errors = []
  const rt = runtimeWith('kinds.lua', {
    print: () => {
      for (const use of [() => session.resume(1), () => rt.startHandler('ask'), () => rt.hydrate(Buffer.alloc(1))]) {
        try {
          use()
        } catch (error) {
          errors.push(error.constructor.name)
        }
      }
    }
  })
  session = rt.startHandler('ask')
  session.dispose()
  session = rt.startHandler('write', 'x')
  assert.deepEqual(errors, ['MoonletError', 'MoonletError', 'MoonletError'])
  session.resume(2)
  assert.equal(session.result, 2)
})

test('a runtime that is disposed of by its own print', () => {
  const rt = runtimeWith('kinds.lua', { print: () => rt.dispose() })
  const session = rt.startHandler('write', 'x')
  assert.equal(session.error.code, 'disposed')
  assert.throws(() => rt.startHandler('ask'), { code: 'disposed' })
})

test('a print that throws ends the session', () => {
  const rt = runtimeWith('kinds.lua', {
    print: () => {
      throw new Error('no paper')
    }
  })
  const session = rt.startHandler('write', 'x')
  assert.equal(session.error.code, 'host')
  assert.equal(session.error.cause.message, 'no paper')
  assert.equal(rt.startHandler('echo', 1).result, 1)
})

test('getters that use the runtime while a value is converted', () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  let next = null
  const answer = {
    get x() {
      session.dispose()
      next = rt.startHandler('ask')
      return 1
    }
  }
  assert.throws(() => session.resume(answer), { code: 'disposed' })
  assert.equal(next.status, 'yielded')
  next.resume(2)
  assert.equal(next.result, 2)
  const ending = {
    get x() {
      rt.dispose()
      return 1
    }
  }
  assert.throws(() => rt.startHandler('echo', ending), /no script is loaded/)
  const configured = runtimeWith('kinds.lua')
  const config = {
    get x() {
      configured.startHandler('ask')
      return 1
    }
  }
  assert.throws(() => configured.setConfig(config), { code: 'busy' })
})

test('a runtime after dispose', () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  const state = rt.dehydrate()
  rt.dispose()
  rt.dispose()
  assert.equal(session.status, 'error')
  assert.throws(() => session.resume(1), { code: 'disposed' })
  const uses = [
    () => rt.openLibs(['base']),
    () => rt.registerNamespace('x'),
    () => rt.loadScript(script('order.lua')),
    () => rt.setConfig({}),
    () => rt.clearConfig(),
    () => rt.setLimits(1),
    () => rt.startHandler('ask'),
    () => rt.dehydrate(),
    () => rt.hydrate(state),
    () => rt.startHydratedSession(),
    () => rt.usage(),
    () => rt.imageHash
  ]
  for (const use of uses) assert.throws(use, { code: 'disposed', message: /the runtime was disposed of/ })
})

test('a runtime that is disposed of while its script runs in another thread', async () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('wait_and_work', Number.MAX_SAFE_INTEGER)
  setTimeout(() => rt.dispose(), 20)
  await assert.rejects(
    async () => {
      for await (const _ of session) session.resumeVoid()
    },
    { code: 'disposed' }
  )
  assert.throws(() => rt.startHandler('ask'), { code: 'disposed' })
})

test('methods with a wrong receiver', () => {
  const rt = runtimeWith('kinds.lua')
  const session = rt.startHandler('ask')
  for (const wrong of [undefined, null, {}, session, Object.create(rt), 7]) {
    assert.throws(() => MoonletRuntime.prototype.dehydrate.call(wrong), TypeError)
    assert.throws(() => MoonletRuntime.prototype.startHandler.call(wrong, 'ask'), TypeError)
  }
  for (const wrong of [undefined, {}, rt, Object.create(session)]) {
    assert.throws(() => HandlerSession.prototype.resume.call(wrong, 1), TypeError)
  }
})

const inWorker = (code) =>
  new Worker(
    `const { parentPort, workerData } = require('node:worker_threads')
     const { MoonletRuntime } = require(workerData.module)
     const rt = new MoonletRuntime()
     rt.loadScript(workerData.script)
     ${code}`,
    { eval: true, workerData: { module: path.join(__dirname, '..'), script: script('kinds.lua') } }
  )

test('a worker is ended while a script runs', async () => {
  for (const code of [
    `parentPort.postMessage('ready'); rt.startHandler('spin')`,
    `const session = rt.startHandler('wait_and_work', 2 ** 50);
     parentPort.postMessage('ready');
     (async () => { for await (const _ of session) session.resumeVoid() })()`
  ]) {
    const worker = inWorker(code)
    await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    await new Promise((resolve) => setTimeout(resolve, 30))
    const before = Date.now()
    await worker.terminate()
    assert.ok(Date.now() - before < 5000, 'it ends soon')
  }
})

test('many workers, each with a script in the middle of something', async () => {
  const ends = []
  for (let n = 0; n < 8; ++n) {
    const worker = inWorker(`rt.startHandler('ask'); parentPort.postMessage(1)`)
    ends.push(new Promise((resolve, reject) => {
      worker.once('exit', resolve)
      worker.once('error', reject)
    }))
  }
  assert.deepEqual(await Promise.all(ends), Array(8).fill(0))
})

test('objects that nobody holds any more', () => {
  const code = `
    const { runtimeWith } = require(${JSON.stringify(path.join(__dirname, 'support.js'))})
    for (let n = 0; n < 500; ++n) {
      const rt = runtimeWith('kinds.lua')
      const session = rt.startHandler('ask', 'x'.repeat(10000))
      if (n % 3 === 0) rt.dispose()
      if (n % 3 === 1) session.dispose()
      if (n % 50 === 0) gc()
    }
    gc()
    console.log('done')`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', '-e', code], { timeout: 60_000, encoding: 'utf8' })
  assert.equal(stderr, '')
  assert.equal(stdout, 'done\n')
  assert.equal(status, 0)
})

test('a process that ends in the middle', () => {
  const code = `
    const { runtimeWith } = require(${JSON.stringify(path.join(__dirname, 'support.js'))})
    const rt = runtimeWith('kinds.lua')
    const session = rt.startHandler('wait_and_work', 2 ** 50)
    ;(async () => { for await (const _ of session) session.resumeVoid() })()
    setTimeout(() => process.exit(7), 20)`
  const { status, stderr } = spawnSync(process.execPath, ['-e', code], { timeout: 60_000, encoding: 'utf8' })
  assert.equal(stderr, '')
  assert.equal(status, 7)
})
