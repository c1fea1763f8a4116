// The class surface: each member, as it is promised.
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const test = require('node:test')
const { pathToFileURL } = require('node:url')
const { HandlerSession, MoonletError, MoonletRuntime } = require('..')
const { refused, runtimeWith, script } = require('./support')

test('the session of the README', async () => {
  const myBackend = {
    seen: [],
    async call(name, payload) {
      this.seen.push([name, payload])
      return name === 'get_user' ? { name: 'Ada' } : { ok: true }
    }
  }
  const rt = new MoonletRuntime()
  rt.openLibs(['base', 'string', 'table', 'math'])
  rt.registerNamespace('sys')
  rt.setConfig({ region: 'eu-west-1' })
  rt.setLimits(64 * 1024 * 1024, 5000, 200)
  rt.loadScript(script('order.lua'))

  const session = rt.startHandler('process_order', { orderId: 42, userId: 1 })
  let state = null
  while (session.status === 'yielded') {
    const cmd = session.command
    if (cmd.type === 'invoke') {
      const result = await myBackend.call(cmd.name, cmd.payload)
      session.resume(result)
      if (state === null) state = rt.dehydrate()
    } else {
      session.resumeVoid()
    }
  }
  assert.deepEqual(session.result, { status: 'completed', user: 'Ada' })
  assert.deepEqual(myBackend.seen, [
    ['get_user', { id: 1 }],
    ['charge', { orderId: 42 }],
    ['send_email', { to: 'Ada', orderId: 42 }]
  ])

  const rt2 = new MoonletRuntime()
  rt2.openLibs(['base', 'string', 'table', 'math'])
  rt2.registerNamespace('sys')
  rt2.loadScript(script('order.lua'))
  rt2.hydrate(state)
  const session2 = rt2.startHydratedSession()
  assert.equal(session2.status, 'yielded')
  assert.equal(session2.command.name, 'charge')
  session2.resumeError('card declined')
  assert.equal(session2.status, 'completed')
  assert.equal(session2.result.status, 'charge_failed')
  assert.match(session2.result.why, /card declined$/)
})

test('it can be imported', async () => {
  const module = await import('../lib/index.js')
  assert.equal(module.MoonletRuntime, MoonletRuntime)
  assert.equal(module.HandlerSession, HandlerSession)
  assert.equal(module.MoonletError, MoonletError)
})

test('openLibs: scripts have these libraries and base', () => {
  const rt = new MoonletRuntime()
  rt.openLibs(['base', 'string', 'table'])
  rt.loadScript(script('order.lua'))
  const other = runtimeWith('kinds.lua')
  assert.deepEqual(other.startHandler('library').result, {
    string: 'table',
    table: 'table',
    math: 'table',
    os: 'table',
    io: 'nil'
  })
  assert.throws(() => new MoonletRuntime().openLibs(['base', 'sting']), refused('script', /no library "sting".*they may have base/))
  assert.throws(() => new MoonletRuntime().openLibs(['io']), refused('script', /no library "io"/))
  assert.throws(() => new MoonletRuntime().openLibs('base'), /has to be an array of names/)
  assert.throws(() => new MoonletRuntime().openLibs([1]), TypeError)
})

test('openLibs: what is not opened is not there', () => {
  const rt = new MoonletRuntime()
  rt.openLibs(['base', 'string', 'table'])
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-')), 'a.lua')
  fs.writeFileSync(file, 'return {handlers = {kinds = function() return {type(math), type(string)} end}}')
  rt.loadScript(file)
  assert.deepEqual(rt.startHandler('kinds').result, ['nil', 'table'])
})

test('registerNamespace', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-'))
  const file = path.join(folder, 'a.lua')
  fs.writeFileSync(file, 'return {handlers = {main = host.export(function() return host.invoke("x") end)}}')
  const rt = new MoonletRuntime()
  rt.registerNamespace('host')
  rt.loadScript(file)
  const session = rt.startHandler('main')
  assert.equal(session.command.name, 'x')
  assert.throws(() => new MoonletRuntime().registerNamespace('string'), refused('script', /"string".*taken already/))
  assert.throws(() => new MoonletRuntime().registerNamespace('a b'), /is no name in Lua/)
  assert.throws(() => new MoonletRuntime().registerNamespace(''), TypeError)
})

test('loadScript answers the names of the handlers', () => {
  const rt = new MoonletRuntime()
  assert.deepEqual(rt.loadScript(script('order.lua')), ['process_order', 'count', 'where'])
  assert.deepEqual(rt.handlers, ['process_order', 'count', 'where'])
  assert.match(rt.imageHash, /^[0-9a-f]{64}$/)
  const other = new MoonletRuntime()
  other.loadScript(pathToFileURL(script('order.lua')))
  assert.equal(other.imageHash, rt.imageHash)
})

test('loadScript says what is wrong with a script', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-'))
  const file = path.join(folder, 'a.lua')
  const load = (text) => {
    fs.writeFileSync(file, text)
    return new MoonletRuntime().loadScript(file)
  }
  assert.throws(() => load('return {handlers ='), refused('script', /^a\.lua:1: .*near <eof>$/))
  assert.throws(() => load('error("broken")'), (error) => {
    refused('script', /^a\.lua:1: broken$/)(error)
    assert.match(error.traceback, /^stack traceback:\n.*a\.lua:1/s)
    return true
  })
  assert.throws(() => load('sys.invoke("x")'), refused('script', /main chunk may not call the host \(x\)/))
  assert.throws(() => new MoonletRuntime().loadScript(path.join(folder, 'none.lua')), { code: 'ENOENT' })
  assert.throws(() => new MoonletRuntime().loadScript(3), TypeError)
  assert.deepEqual(load('return 1'), [])
})

test('several scripts: one set of globals, require, no name twice', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-'))
  fs.mkdirSync(path.join(folder, 'lib'))
  fs.writeFileSync(path.join(folder, 'lib/tax.lua'), 'return {of = function(n) return n * 0.2 end}')
  fs.writeFileSync(path.join(folder, 'a.lua'), 'local tax = require "lib.tax"\nreturn {handlers = {a = function(n) return tax.of(n) end}}')
  fs.writeFileSync(path.join(folder, 'b.lua'), 'local a = require "a"\nreturn {handlers = {b = function(n) return a.handlers.a(n) end}}')
  fs.writeFileSync(path.join(folder, 'c.lua'), 'return {handlers = {a = function() end}}')
  fs.writeFileSync(path.join(folder, 'd.lua'), 'require "lib.none"')
  const rt = new MoonletRuntime()
  rt.loadScript(path.join(folder, 'a.lua'))
  rt.loadScript(path.join(folder, 'b.lua'))
  assert.equal(rt.startHandler('b', 10).result, 2)
  assert.throws(() => rt.loadScript(path.join(folder, 'c.lua')), refused('script', /handler "a" is in two scripts, a and c/))
  assert.throws(() => rt.loadScript(path.join(folder, 'd.lua')), refused('script', /lib\.none.*no file .*lib\/none\/init\.lua/))
  assert.deepEqual(rt.handlers, ['a', 'b'])
  assert.equal(rt.startHandler('b', 20).result, 4)
})

test('scripts in Luau, with what they require', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-'))
  fs.writeFileSync(path.join(folder, 'tax.luau'), 'return {rate = function(): number return 0.2 end}')
  fs.writeFileSync(
    path.join(folder, 'a.luau'),
    'local tax = require("./tax")\nreturn {handlers = {a = function(n: number): string n += sys.invoke("add") return `{n * tax.rate()}` end}}'
  )
  const load = () => {
    const rt = new MoonletRuntime()
    assert.deepEqual(rt.loadScript(path.join(folder, 'a.luau')), ['a'])
    return rt
  }
  const rt = load()
  rt.startHandler('a', 5)
  const other = load()
  other.hydrate(rt.dehydrate())
  const session = other.startHydratedSession()
  session.resume(10)
  assert.equal(session.result, '3')
  fs.writeFileSync(path.join(folder, 'b.lua'), 'return {}')
  assert.throws(() => rt.startHandler('none'), refused('busy', /under way/))
  assert.throws(() => load().loadScript(path.join(folder, 'b.lua')), refused('script', /are in different languages/))
})

test('a script is loaded anew, and keeps what it has in variables', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-'))
  const file = path.join(folder, 'a.lua')
  fs.writeFileSync(file, 'local n = 0\nreturn {handlers = {next = function() n = n + 1 return n end}}')
  const rt = new MoonletRuntime()
  rt.loadScript(file)
  assert.equal(rt.startHandler('next').result, 1)
  fs.writeFileSync(file, 'local n = 0\nreturn {handlers = {next = function() n = n + 10 return n end, more = function() return n end}}')
  assert.deepEqual(rt.loadScript(file), ['next', 'more'])
  assert.equal(rt.startHandler('next').result, 11)
})

test('startHandler: variables of modules stay, each call is a coroutine of its own', () => {
  const rt = runtimeWith('order.lua')
  rt.startHandler('process_order', {}).dispose()
  rt.startHandler('process_order', {}).dispose()
  assert.equal(rt.startHandler('count').result, 2)
  assert.throws(() => rt.startHandler('proces_order'), refused('script', /no handler "proces_order"; there are process_order, count, where/))
  assert.throws(() => new MoonletRuntime().startHandler('x'), refused('script', /no script is loaded/))
  assert.throws(() => rt.startHandler(), TypeError)
})

test('status, command, result, errorMessage', () => {
  const rt = runtimeWith('kinds.lua', { id: 'r' })
  const session = rt.startHandler('ask', { a: 1 })
  assert.equal(session.status, 'yielded')
  assert.deepEqual(session.command, { type: 'invoke', id: 'r:0', name: 'ask', payload: { a: 1 } })
  assert.equal(session.result, null)
  assert.equal(session.errorMessage, null)
  session.resume('x')
  assert.equal(session.status, 'completed')
  assert.equal(session.command, null)
  assert.equal(session.result, 'x')

  const failing = rt.startHandler('fail', { value: 'broken' })
  assert.equal(failing.status, 'error')
  assert.equal(failing.errorMessage, 'kinds.lua:1: broken')
  assert.equal(failing.result, null)
})

test('resume, resumeVoid, resumeError', () => {
  const rt = runtimeWith('kinds.lua')
  const answered = (answer) => {
    const session = rt.startHandler('ask')
    answer(session)
    return session
  }
  assert.equal(answered((s) => s.resume(7)).result, 7)
  assert.equal(answered((s) => s.resume()).result, null)
  assert.equal(answered((s) => s.resumeVoid()).result, null)
  assert.equal(answered((s) => s.resumeError('no')).errorMessage, 'kinds.lua:7: no')
  assert.equal(answered((s) => s.resumeError(new Error('no way'))).errorMessage, 'kinds.lua:7: no way')
  const data = answered((s) => s.resumeError({ code: 7 }))
  assert.deepEqual(data.error.value, { code: 7 })
  const session = rt.startHandler('ask')
  assert.throws(() => session.resumeError(), TypeError)
  assert.equal(session.status, 'yielded')
})

test('emit and log are commands', () => {
  const rt = runtimeWith('kinds.lua', { id: 'r' })
  const session = rt.startHandler('seen')
  assert.deepEqual(session.command, { type: 'emit', id: 'r:0', name: 'started', payload: { n: 1 } })
  session.resumeVoid()
  assert.deepEqual(session.command, {
    type: 'log',
    id: 'r:1',
    level: 'info',
    values: ['half', { done: true }, 2],
    message: 'half {"done":true} 2'
  })
  session.resumeVoid()
  assert.equal(session.command.type, 'sleep')
  assert.equal(session.command.seconds, 0.01)
  assert.ok(Math.abs(session.command.until - Date.now() / 1000) < 5)
  session.resumeVoid()
  assert.equal(session.command.id, 'r:3')
  session.resume(1)
  assert.equal(session.result, 1)
})

test('setConfig, clearConfig: read only, and none is nothing', () => {
  const rt = runtimeWith('kinds.lua')
  rt.setConfig({ region: 'eu', list: [1, 2], deep: { x: { y: 1 } } })
  assert.deepEqual(rt.startHandler('config').result, { region: 'eu', list: [1, 2], deep: { x: { y: 1 } } })
  assert.match(rt.startHandler('change_config').errorMessage, /configuration cannot be changed by the program/)
  rt.setConfig({ region: 'us' })
  assert.deepEqual(rt.startHandler('config').result, { region: 'us' })
  rt.clearConfig()
  assert.equal(rt.startHandler('config').result, null)
  assert.throws(() => rt.setConfig([]), TypeError)
  assert.throws(() => rt.setConfig(null), TypeError)
  assert.throws(() => rt.setConfig({ a: { b: () => 1 } }), /config\.a\.b is a function/)
})

test('setConfig keeps what scripts have in variables', () => {
  const rt = runtimeWith('order.lua')
  rt.startHandler('process_order', {}).dispose()
  rt.setConfig({ region: 'eu' })
  assert.equal(rt.startHandler('count').result, 1)
})

test('print goes to the host', () => {
  const lines = []
  const rt = runtimeWith('kinds.lua', { print: (text) => lines.push(text) })
  const session = rt.startHandler('write', 'grün')
  assert.deepEqual(lines, ['grün\n'])
  session.resumeVoid()
  assert.equal(lines.length, 1)
})

test('main chunks print once, however many scripts are loaded later', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'moonlet-'))
  for (const name of ['a', 'b', 'c']) {
    fs.writeFileSync(path.join(folder, `${name}.lua`), `print("hello from ${name}") return {}`)
  }
  const lines = []
  const rt = new MoonletRuntime({ print: (text) => lines.push(text) })
  for (const name of ['a', 'b', 'c']) rt.loadScript(path.join(folder, `${name}.lua`))
  assert.equal(lines.join(''), 'hello from a\nhello from b\nhello from c\n')
})

test('a seed makes runs alike', () => {
  const draw = (seed) => runtimeWith('kinds.lua', { seed }).startHandler('random').result
  assert.equal(draw(7), draw(7))
  assert.notEqual(draw(7), draw(8))
})

test('usage', () => {
  const rt = runtimeWith('kinds.lua')
  rt.startHandler('busy', 1e6)
  const used = rt.usage()
  assert.ok(used.fuel > 1e6, used.fuel)
  assert.ok(used.memory > 0)
})

test('options of the constructor are checked', () => {
  assert.throws(() => new MoonletRuntime(3), TypeError)
  assert.throws(() => new MoonletRuntime({ id: 7 }), /options\.id has to be a text, and is number/)
  assert.throws(() => new MoonletRuntime({ folders: '.' }), /there is no option "folders": id, seed, folder, print/)
  assert.throws(() => new MoonletRuntime({ seed: 'x' }), /options\.seed/)
  assert.throws(() => new MoonletRuntime({ print: 'x' }), /options\.print/)
  assert.throws(() => new HandlerSession(), /sessions come from startHandler/)
})
