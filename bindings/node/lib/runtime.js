'use strict'

const { readFileSync } = require('node:fs')
const path = require('node:path')
const { StringDecoder } = require('node:string_decoder')
const { fileURLToPath } = require('node:url')

const { Program } = require('./binding')
const { MoonletError, wrongType } = require('./error')
const { KEY } = require('./key')
const { HandlerSession } = require('./session')

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/
const FILE = /\.(luau|lua|luaurc)$/
const MODULE = /^[\w-]+(\.[\w-]+)*$/
// As for projects: docs/decisions/0010.
const SLOTS_A_CALL = 256
const SLOTS_OF_LISTS = 8192
const SLOTS_MAX = 16_000_000

// What is native throws plain errors; the first line is the message, the others the traceback.
function attempt(code, action) {
  try {
    return action()
  } catch (error) {
    if (error.constructor !== Error) throw error
    const end = error.message.indexOf('\n')
    if (end < 0) throw new MoonletError(code, error.message)
    throw new MoonletError(code, error.message.slice(0, end), {
      traceback: error.message.slice(end + 1)
    })
  }
}

function textArgument(what, value) {
  if (typeof value !== 'string' || value === '') throw wrongType(what, 'a text', value)
  return value
}

// Files are Lua 5.4 unless their name says that they are Luau.
function languageOf(file) {
  return file.endsWith('.luau') ? '.luau' : '.lua'
}

// A misspelt name must not pass for one that was left out.
function expectMembers(what, object, known) {
  for (const name of Object.keys(object)) {
    if (!known.includes(name)) throw new TypeError(`there is no ${what} "${name}": ${known.join(', ')}`)
  }
}

// A limit: a number, or null, undefined and Infinity for none.
function limitArgument(what, value) {
  if (value === undefined || value === null) return Infinity
  if (typeof value !== 'number') throw wrongType(what, 'a number', value)
  if (!(value > 0)) throw new RangeError(`${what} has to be more than 0, and is ${value}`)
  return value
}

function signalOf(options) {
  if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object', options)
  const { signal } = options
  if (signal === undefined || signal === null) return null
  if (!(signal instanceof AbortSignal)) throw wrongType('options.signal', 'an AbortSignal', signal)
  return signal
}

class MoonletRuntime {
  #program = new Program()
  #libraries = null
  #namespace = 'sys'
  #sources = new Map() // name: {source, handlers, path}
  #folder
  #options
  #limits = {}
  #used = { runTimeMs: 0, fuel: 0 } // before the session under way
  #session = null
  #hasVm = false
  #hydrated = null
  #isDisposed = false
  #print
  #decoder = new StringDecoder('utf8')
  #mainOutput = 0 // bytes that the main chunks have written, which are written again at each load

  constructor(options = {}) {
    if (typeof options !== 'object' || options === null) throw wrongType('options', 'an object', options)
    expectMembers('option', options, ['id', 'seed', 'folder', 'print'])
    const { id, seed, folder, print } = options
    if (id !== undefined) textArgument('options.id', id)
    if (seed !== undefined && !Number.isSafeInteger(seed)) {
      throw wrongType('options.seed', 'a whole number', seed)
    }
    if (print !== undefined && typeof print !== 'function') {
      throw wrongType('options.print', 'a function', print)
    }
    this.#options = { id, seed }
    this.#folder = folder === undefined ? null : path.resolve(textArgument('options.folder', folder))
    this.#print = print ?? ((text) => process.stdout.write(text))
  }

  openLibs(names) {
    if (!Array.isArray(names)) throw wrongType('the list of libraries', 'an array of names', names)
    names.forEach((name) => textArgument('a library', name))
    this.#unlocked('openLibs')
    this.#compile(this.#sources, [...names], this.#namespace)
    this.#libraries = [...names]
  }

  registerNamespace(name) {
    textArgument('the namespace', name)
    if (!NAME.test(name)) throw new TypeError(`the namespace "${name}" is no name in Lua`)
    this.#unlocked('registerNamespace')
    this.#compile(this.#sources, this.#libraries, name)
    this.#namespace = name
  }

  // Compiles the file and runs its main chunk. Answers the names of its handlers. A file that was
  // loaded before is loaded anew; what scripts keep in variables stays, if it can.
  loadScript(file, options = {}) {
    const full = path.resolve(file instanceof URL ? fileURLToPath(file) : textArgument('path', file))
    this.#unlocked('loadScript')
    const folder = this.#folder ?? path.dirname(full)
    const language = languageOf(full)
    const name = options.name ?? path.basename(full, language)
    textArgument('options.name', name)
    const known = this.#sources.get(name)
    if (known !== undefined && known.path !== full) {
      throw new MoonletError(
        'script',
        `there is a script "${name}" already (${known.path}): give this one another name`
      )
    }
    const [other] = this.#sources.values()
    if (other !== undefined && languageOf(other.path) !== language) {
      throw new MoonletError(
        'script',
        `${full} and ${other.path} are in different languages: the scripts of a runtime have one`
      )
    }
    const inside = path.relative(folder, full).split(path.sep).join('/')
    const shown = inside.startsWith('../') || path.isAbsolute(inside) ? path.basename(full) : inside
    const source = { name, text: readFileSync(full), file: shown }
    const sources = new Map(this.#sources)
    sources.set(name, { source, handlers: [], path: full })
    const before = this.#folder
    this.#folder = folder
    try {
      this.#compile(sources, this.#libraries, this.#namespace)
    } catch (error) {
      this.#folder = before
      throw error
    }
    this.#sources = sources
    return [...sources.get(name).handlers]
  }

  setConfig(config) {
    if (typeof config !== 'object' || config === null || Array.isArray(config)) {
      throw wrongType('the configuration', 'an object', config)
    }
    this.#unlocked('setConfig')
    this.#configure(config)
  }

  clearConfig() {
    this.#unlocked('clearConfig')
    this.#configure(null)
  }

  // (bytes, milliseconds, calls), or {memory, cpuTime, maxCallDepth, fuel}. Time and fuel are those
  // of one session.
  setLimits(memory, cpuTime, maxCallDepth) {
    const limits =
      typeof memory === 'object' && memory !== null ? memory : { memory, cpuTime, maxCallDepth }
    expectMembers('limit', limits, ['memory', 'cpuTime', 'maxCallDepth', 'fuel'])
    const depth = limitArgument('maxCallDepth', limits.maxCallDepth)
    const checked = {
      memory: limitArgument('memory', limits.memory),
      runTimeMs: limitArgument('cpuTime', limits.cpuTime),
      fuel: limitArgument('fuel', limits.fuel),
      stackSlots:
        depth === Infinity
          ? undefined
          : Math.min(SLOTS_MAX, Math.ceil(depth) * SLOTS_A_CALL + SLOTS_OF_LISTS)
    }
    this.#usable('setLimits')
    this.#limits = checked
    if (this.#hasVm) attempt('limit', () => this.#program.setLimits(this.#limitsNow()))
  }

  startHandler(name, input = {}, options = {}) {
    textArgument('the name of the handler', name)
    this.#unlocked('startHandler')
    const signal = signalOf(options)
    const script = this.#scriptOf(name)
    if (this.#hasVm) this.#noteUse()
    attempt('script', () => this.#program.start(script, name, input, this.#forkOptions()))
    this.#hasVm = true
    this.#hydrated = null
    this.#program.setLimits(this.#limitsNow())
    return this.#run(signal)
  }

  // The script where it stands, as bytes. Possible while it waits for an answer.
  dehydrate() {
    this.#usable('dehydrate')
    if (this.#session === null || this.#session.status !== 'yielded') {
      const state = this.#session === null ? 'there is no session' : 'the script is running'
      throw new MoonletError(
        'not-yielded',
        `dehydrate: ${state}; a state is taken while a session waits for an answer`
      )
    }
    return attempt('state', () => this.#program.freeze())
  }

  hydrate(state) {
    if (!(state instanceof Uint8Array)) throw wrongType('the state', 'a Buffer', state)
    this.#unlocked('hydrate')
    const bytes = Buffer.from(state)
    attempt('state', () => this.#program.thaw(bytes, this.#forkOptions()))
    this.#hydrated = bytes
    this.#hasVm = true
    this.#used = { runTimeMs: 0, fuel: 0 }
  }

  startHydratedSession(options = {}) {
    this.#unlocked('startHydratedSession')
    if (this.#hydrated === null) {
      throw new MoonletError('state', 'startHydratedSession: there is no state, call hydrate() first')
    }
    const signal = signalOf(options)
    this.#hydrated = null
    return this.#run(signal)
  }

  // Runs a handler to its end: see HandlerSession.run().
  async call(name, input, host = {}, options = {}) {
    return this.startHandler(name, input, options).run(host)
  }

  get handlers() {
    return [...this.#sources.values()].flatMap((script) => script.handlers)
  }

  // {memory (bytes), fuel, runTimeMs}: what the scripts' Vm has used so far.
  usage() {
    this.#usable('usage')
    return attempt('busy', () => this.#program.usage())
  }

  // The hash of the compiled scripts: a state belongs to exactly one.
  get imageHash() {
    this.#usable('imageHash')
    return attempt('busy', () => this.#program.imageHash())
  }

  dispose() {
    if (this.#isDisposed) return
    this.#isDisposed = true
    if (this.#session === null) {
      this.#program.dispose()
    } else {
      this.#session.dispose()
    }
  }

  // ---- For sessions.

  #forSession(session) {
    return {
      print: () => this.#flush(0),
      release: (ended) => {
        if (this.#session !== session()) return
        this.#session = null
        if (this.#isDisposed) {
          this.#program.dispose()
        } else if (ended.status === 'error') {
          attempt('script', () => this.#program.cancel())
        }
      }
    }
  }

  #run(signal) {
    let session = null
    session = new HandlerSession(KEY, this.#forSession(() => session), this.#program, signal)
    this.#session = session
    session[KEY](signal?.aborted ? 'abort' : 'run')
    return session
  }

  // ---- What must not be done when.

  #usable(what) {
    if (this.#isDisposed) {
      throw new MoonletError('disposed', `${what}: the runtime was disposed of`)
    }
  }

  #unlocked(what) {
    this.#usable(what)
    if (this.#session === null) return
    throw new MoonletError(
      'busy',
      `${what}: a session is under way; it has to end first, by itself or by its dispose()`
    )
  }

  // ---- Scripts.

  #compile(sources, libraries, namespace) {
    const settings = {
      sources: [...sources.values()].map((script) => script.source),
      libraries,
      namespace,
      limits: this.#limits,
      find: (name) => this.#find(sources, name)
    }
    attempt('script', () => this.#program.compile(settings))
    const owners = new Map()
    for (const [name, script] of sources) {
      script.handlers = this.#program.handlers(name)
      for (const handler of script.handlers) {
        if (owners.has(handler)) {
          throw new MoonletError(
            'script',
            `the handler "${handler}" is in two scripts, ${owners.get(handler)} and ${name}`
          )
        }
        owners.set(handler, name)
      }
    }
    this.#mainOutput += this.#flush(this.#mainOutput)
  }

  // A script by its name, or a file below the folder: a.b is a/b.lua or a/b/init.lua; in Luau .luau.
  #find(sources, name) {
    const script = sources.get(name)
    if (script !== undefined) return script.source
    // Scripts of Luau ask for files.
    if (FILE.test(name)) return this.#read(name, [name])
    if (!MODULE.test(name)) return 'a name has letters, digits, _ and -, with dots between them'
    const base = name.replaceAll('.', '/')
    const [first] = sources.values()
    const ending = languageOf(first.path)
    return this.#read(name, [base + ending, `${base}/init${ending}`])
  }

  // The first of the files that is there, as a source; else what is missing.
  #read(name, files) {
    const missing = []
    for (const file of files) {
      const full = path.join(this.#folder ?? '.', file)
      try {
        return { name, text: readFileSync(full), file }
      } catch {
        missing.push(`no file ${full}`)
      }
    }
    return missing.join(', ')
  }

  #scriptOf(handler) {
    for (const [name, script] of this.#sources) {
      if (script.handlers.includes(handler)) return name
    }
    const names = this.handlers
    throw new MoonletError(
      'script',
      `there is no handler "${handler}"` +
        (names.length === 0 ? ', and no script is loaded' : `; there are ${names.join(', ')}`)
    )
  }

  // ---- The Vm.

  #forkOptions() {
    return { ...this.#options, limits: this.#limits }
  }

  #noteUse() {
    const { runTimeMs, fuel } = this.#program.usage()
    this.#used = { runTimeMs, fuel }
  }

  #limitsNow() {
    const { memory, runTimeMs, fuel, stackSlots } = this.#limits
    const now = {}
    if (memory !== undefined) now.memory = memory
    if (stackSlots !== undefined) now.stackSlots = stackSlots
    if (runTimeMs !== undefined) now.runTimeMs = Math.ceil(this.#used.runTimeMs + runTimeMs)
    if (fuel !== undefined) now.fuel = this.#used.fuel + fuel
    return now
  }

  // A Vm that is there gets another configuration by being thawed again.
  #configure(config) {
    this.#program.setConfig(config)
    // Converting may have run anything.
    this.#unlocked('setConfig')
    if (!this.#hasVm) return
    const state = this.#hydrated ?? attempt('state', () => this.#program.freeze())
    attempt('state', () => this.#program.thaw(state, this.#forkOptions()))
  }

  // Gives what was written to whom it concerns, but for the first bytes. Answers how many there were.
  #flush(skip) {
    const bytes = this.#program.takeOutput()
    const text = this.#decoder.write(bytes.subarray(skip))
    if (text !== '') this.#print(text)
    return Math.max(0, bytes.length - skip)
  }
}

if (Symbol.dispose !== undefined) {
  MoonletRuntime.prototype[Symbol.dispose] = MoonletRuntime.prototype.dispose
}

module.exports = { MoonletRuntime }
